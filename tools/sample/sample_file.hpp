// What `duel sample` writes.
#pragma once

#include <filesystem>
#include <string>

#include "tools/overwrite.hpp"
#include "train/sample.hpp"

namespace duel {

enum class SampleFormat { png, npy, hdf5 };

// What `format` says (png, npy, hdf5), or the name's end where that is empty: .png, .npy, .h5 or .hdf5; png for
// neither. Throws UserError(ExitCode::experiment) for a name that says nothing.
SampleFormat sample_format(const std::filesystem::path& file, const std::string& format);
// The name of what is written where none is given.
std::string default_sample_name(SampleFormat format);

// What a file of this format may take the place of.
OutputKind output_kind(SampleFormat format);

// The picture (PNG), or the values as the network gave them, as NPY or as the dataset `values` of HDF5. Written
// atomically.
void write_sample(const std::filesystem::path& file, SampleFormat format, const DrawnSample& drawn);

}  // namespace duel
