#include "data/npy_array.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/half.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "elements would be read in the wrong order of bytes");

void check_size(const NpyHeader& header, std::size_t content, const fs::path& file) {
  const auto elements = checked_product(header.extents);
  const auto held = static_cast<int64_t>(content - header.size);
  // Divided rather than multiplied: what the header claims may overflow.
  const int64_t size = header.element_bytes;
  if (elements && held % size == 0 && held / size == *elements) return;
  fail_data(file, fmt::format("holds {} bytes of elements, expected {} elements of {} bytes", held,
                              extents_text(header.extents), size));
}

void reverse_elements(std::byte* bytes, std::size_t total, std::size_t size) {
  for (std::size_t at = 0; at < total; at += size) std::reverse(bytes + at, bytes + at + size);
}

// Elements of `size` bytes, the first axis running fastest, to those whose last axis does.
Bytes last_axis_fastest(const std::byte* from, std::size_t total, std::span<const int64_t> extents, std::size_t size) {
  Bytes out(total);
  std::vector<std::size_t> strides, index(extents.size(), 0);  // of `from`, in bytes; of the element to write
  std::size_t stride = size;
  for (const int64_t extent : extents) {
    strides.push_back(stride);
    stride *= static_cast<std::size_t>(extent);
  }
  std::size_t at = 0;  // in `from`
  for (std::size_t written = 0; written < total; written += size) {
    std::memcpy(out.data() + written, from + at, size);
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < static_cast<std::size_t>(extents[axis])) break;
      at -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return out;
}

Bytes floats_of_halves(const std::byte* from, std::size_t count) {
  Bytes out(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    uint16_t bits = 0;
    std::memcpy(&bits, from + i * sizeof bits, sizeof bits);
    const float value = half_of_bits(bits);
    std::memcpy(out.data() + i * sizeof value, &value, sizeof value);
  }
  return out;
}

}  // namespace

NpyArray decode_npy(Bytes content, const fs::path& file) {
  const NpyHeader header = parse_npy_header(content, file);
  check_size(header, content.size(), file);
  const auto size = static_cast<std::size_t>(header.element_bytes);
  const std::size_t total = content.size() - header.size;
  NpyArray out{header.extents, header.type, std::move(content), header.size};
  if (header.big_endian && size > 1) reverse_elements(out.bytes.data() + out.offset, total, size);
  if (header.fortran_order && header.extents.size() > 1) {
    out.bytes = last_axis_fastest(out.bytes.data() + out.offset, total, header.extents, size);
    out.offset = 0;
  }
  if (header.is_half()) {
    out.bytes = floats_of_halves(out.bytes.data() + out.offset, total / size);
    out.offset = 0;
  }
  return out;
}

}  // namespace duel
