// What `duel sample` writes.
#pragma once

#include <filesystem>

#include "train/sample.hpp"

namespace duel {

// Throws UserError(ExitCode::experiment) unless the name is that of a file that write_sample can write: .png, .npy, .h5
// or .hdf5.
void check_sample_name(const std::filesystem::path& file);

// By its name: the picture (PNG), or the values as the network gave them, as NPY or as the dataset `values` of HDF5.
// Written atomically.
void write_sample(const std::filesystem::path& file, const DrawnSample& drawn);

}  // namespace duel
