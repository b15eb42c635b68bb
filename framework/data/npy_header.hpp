// The header of an NPY file: a magic, a version, and a Python dictionary as text.
#pragma once

#include <filesystem>
#include <span>
#include <string>
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

// The same of a whole file: `content` must hold just the elements that its header promises.
NpyHeader parse_whole_npy(std::span<const std::byte> content, const std::filesystem::path& file);

// The header, of version 1, that numpy.save writes before an array of this type.
std::string npy_header(ElementType type, std::span<const int64_t> extents);

}  // namespace duel
