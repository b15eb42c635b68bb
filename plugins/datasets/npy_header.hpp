// The header of an NPY file: a magic, a version, and a Python dictionary as text.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "data/arrays.hpp"

namespace duel {

struct NpyHeader {
  ElementType type = ElementType::f32;
  std::vector<int64_t> extents;
  std::size_t size = 0;  // of the header: where the elements begin
};

// Throws UserError(ExitCode::data) naming the file for anything but a C-ordered little-endian array of numbers.
NpyHeader parse_npy_header(std::span<const std::byte> content, const std::filesystem::path& file);

}  // namespace duel
