// The elements of an NPY file, whatever the order of its axes and bytes.
#pragma once

#include "data/npy_header.hpp"

namespace duel {

struct NpyArray {
  std::vector<int64_t> extents;
  ElementType type = ElementType::f32;
  Bytes bytes;
  std::size_t offset = 0;  // of the first element in bytes
};

// The array of a whole file, its last axis running fastest and its bytes in this machine's order; float16 becomes
// float32. What has that form already keeps its bytes, header included; an array in Fortran order takes its size twice
// for a while. Throws UserError(ExitCode::data) naming the file, as parse_npy_header() does, and where `content` does
// not hold just the elements that its header promises.
NpyArray decode_npy(Bytes content, const std::filesystem::path& file);

}  // namespace duel
