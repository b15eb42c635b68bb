// `padding:` of layers that slide a window: same, valid, a number, or [top, bottom, left, right].
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/window.hpp"
#include "registry/images.hpp"
#include "registry/parameter_types.hpp"

namespace duel {

struct Padding {
  enum class Kind : uint8_t { valid, same, given };
  Kind kind = Kind::valid;
  std::array<int64_t, 4> sides{};  // of given: top, bottom, left, right

  // Before and after along an axis (0: height, 1: width) of that extent, for a window that slides so.
  std::array<int64_t, 2> along(int axis, int64_t extent, int64_t kernel, int64_t stride, int64_t dilation) const;
};

DUEL_PARAMETER_TYPE(Padding)

// [top, bottom, left, right] of one number for all sides, of [height, width], or of those four; else none.
std::optional<std::array<int64_t, 4>> sides_of(const std::vector<int64_t>& values);

}  // namespace duel
