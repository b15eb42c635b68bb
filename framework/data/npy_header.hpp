// The header of an NPY file: a magic, a version, and a Python dictionary as text.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/arrays.hpp"

namespace duel {

struct NpyHeader {
  ElementType type = ElementType::f32;  // that holds the elements: f32 for those of float16, too
  int64_t element_bytes = 4;            // of one element in the file
  bool big_endian = false;
  bool fortran_order = false;  // the first axis runs fastest
  std::vector<int64_t> extents;
  std::size_t size = 0;  // of the header: where the elements begin

  bool is_half() const { return element_bytes < size_of(type); }
};

// Throws UserError(ExitCode::data) naming the file for anything but an array of numbers of at most 8 bytes.
NpyHeader parse_npy_header(std::span<const std::byte> content, const std::filesystem::path& file);

// The header, of version 1, that numpy.save writes before an array of this type.
std::string npy_header(ElementType type, std::span<const int64_t> extents);

}  // namespace duel
