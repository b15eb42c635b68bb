// A data set held in memory: what readers of array files (IDX, NPY, CSV, HDF5) make.
#pragma once

#include <filesystem>
#include <optional>

#include "base/file.hpp"
#include "data/dataset.hpp"

namespace duel {

enum class ElementType : uint8_t { u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };
int64_t size_of(ElementType type);
// `count` elements at `from`, which need not be aligned, as doubles.
void convert_elements(ElementType type, const std::byte* from, int64_t count, double* out);

// Files that hold more than this are refused, as a data set is held in memory whole.
constexpr uint64_t largest_array = uint64_t{16} << 30;

// The examples' values of one field, one example after another, as the file has them but in this machine's byte order.
struct ExampleArray {
  Field field;
  ElementType type = ElementType::f32;
  Bytes bytes;
  std::size_t offset = 0;      // of the first example in bytes
  std::filesystem::path file;  // for messages

  int64_t examples() const;
  // Writes example `index` to out, field.shape.elements() floats.
  void read(int64_t index, float* out) const;
};

// Fails (UserError, ExitCode::data) where the extents behind the number of examples look like those of images with
// their channels first, which would be taken for something else: up to 4 channels, then two axes of like lengths
// above 4. `otherwise`: what to do if they are none, for the message; may be empty.
void check_channels_last(std::span<const int64_t> extents, const std::filesystem::path& file,
                         const std::string& otherwise = {});

// The shape of one image from the extents behind the number of images: [h, w] is [h, w, 1]. Fails (UserError,
// ExitCode::data) for other ranks, for an extent of 0, and as check_channels_last() does.
Shape image_shape(std::span<const int64_t> extents, const std::filesystem::path& file);
// The shape of one point: a lone number is [1].
Shape point_shape(std::span<const int64_t> extents, const std::filesystem::path& file);

// Checks that a label array holds whole numbers from 0 and sets field.classes to one more than the largest.
void count_classes(ExampleArray& labels);

// Fields of equal length, at least one example and finite values only, or UserError(ExitCode::data) naming the file.
// The fingerprint is of the fields and the values.
std::unique_ptr<Dataset> make_array_dataset(std::vector<ExampleArray> arrays);

}  // namespace duel
