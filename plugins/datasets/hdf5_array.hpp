// Reads arrays from an HDF5 file, trusting nothing that it says.
#pragma once

#include <memory>
#include <optional>

#include "data/arrays.hpp"

namespace duel {

class Hdf5File {
 public:
  // Throws UserError(ExitCode::data) naming the file, as all functions here do.
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  struct Array {
    ElementType type;
    std::vector<int64_t> extents;
    Bytes bytes;
  };
  // The dataset of that name: unsigned bytes as such, all other numbers as float32; with `exact`, numbers that float32
  // cannot hold as float64. Whole, or of its first axis the entry `index` alone, from −1 the last ones; the array then
  // lacks that axis.
  Array read(const std::string& name, bool exact = false, std::optional<int64_t> index = std::nullopt) const;
  // Is there a dataset of that name?
  bool holds(const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace duel
