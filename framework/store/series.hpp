// A growing data set of run.h5: rows of equal shape, appended in blocks, readable while it grows. Internal to store/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shape.hpp"
#include "store/hdf5_handle.hpp"

namespace duel {

// text: UTF-8, ended by NUL, in `text_bytes` bytes.
enum class Element { int64, float64, float32, uint8, text };
inline constexpr std::size_t text_bytes = 4096;

class Series {
 public:
  Series() = default;  // none yet

  // Declares one. Rows that a killed writer had announced but not written read as −1 (integers), NaN or no text.
  static Series create(const hdf5::Calls& calls, hdf5::Id group, const std::string& name, Element element,
                       const Shape& row = {}, int64_t rows_per_chunk = 1);
  // Throws when it is missing or not of this element type.
  static Series open(const hdf5::Calls& calls, hdf5::Id group, const std::string& name, Element element);

  hdf5::Id dataset() const { return dataset_.get(); }
  int64_t rows() const { return rows_; }
  const Shape& row() const { return row_; }

  // `data`: `count` rows. Readers see them when the call returns.
  void append(const hdf5::Calls& calls, int64_t count, const void* data);
  void read(const hdf5::Calls& calls, int64_t first, int64_t count, void* data) const;

 private:
  Series(std::string name, hdf5::Handle dataset, Element element, const Shape& row, int64_t rows);
  void transfer(const hdf5::Calls& calls, int64_t first, int64_t count, void* target, const void* source) const;

  std::string name_;
  hdf5::Handle dataset_;
  Element element_ = Element::float64;
  Shape row_;
  int64_t rows_ = 0;
};

}  // namespace duel
