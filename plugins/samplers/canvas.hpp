// Drawing on an RGB picture: lines, anti-aliased dots, small text.
#pragma once

#include <array>
#include <string_view>

#include "registry/sampler.hpp"

namespace duel {

using Colour = std::array<uint8_t, 3>;

// Pixel (0, 0) is the upper left one; what lies outside is cut off. Coordinates of dots are continuous: pixel (x, y)
// covers [x, x+1) × [y, y+1).
class Canvas {
 public:
  Canvas(int64_t width, int64_t height, Colour background);

  void rectangle(int64_t left, int64_t top, int64_t width, int64_t height, Colour colour);
  // opacity in (0, 1].
  void dot(double x, double y, double radius, Colour colour, double opacity);

  static constexpr int64_t text_height = 14;
  // Width in pixels. Letters that the font lacks are a programmer's mistake.
  static int64_t text_width(std::string_view text);
  void text(int64_t left, int64_t top, std::string_view text, Colour colour);

  Picture take() { return std::move(picture_); }

 private:
  void blend(int64_t x, int64_t y, Colour colour, double share);

  Picture picture_;
};

}  // namespace duel
