// Draws a handwritten digit: strokes, bent and placed by chance, as an anti-aliased picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/random.hpp"

namespace duel {

struct DigitLook {
  int64_t size = 28;                    // pixels along a side, at least 16
  bool colour = false;                  // bright ink on dark ground in RGB, else white on black
  double noise = 0.1;                   // how unevenly the ink takes: share of its brightness
  std::optional<double> pressure = {};  // 0 … 1, from the thinnest pen to the thickest; else by chance
  std::optional<double> hue = {};       // of the ink, in turns from red on; else pale ink of any hue
};

// Writes size × size × (colour ? 3 : 1) bytes. A pure function of its arguments and the state of `random`, the same on
// every machine up to rounding in the mathematics library. Does not allocate after a thread's first picture of a size.
void draw_digit(int digit, const DigitLook& look, RandomStream& random, std::span<uint8_t> out);

}  // namespace duel
