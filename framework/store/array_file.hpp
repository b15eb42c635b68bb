// An array alone in an HDF5 file, as readers in other languages take it.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/dtype.hpp"
#include "base/shape.hpp"

namespace duel {

// The values, row-major, as the dataset `name` of a new file, in this precision (little-endian, for HDF5 1.8 and
// later). Written atomically. Throws UserError(ExitCode::storage).
void write_array_file(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                      std::span<const double> values, DType precision);

// Whether the file at `path` is an HDF5 file that holds the dataset `name` and nothing else.
bool is_array_file(const std::filesystem::path& path, const std::string& name);

}  // namespace duel
