// How people write the ten digits: the strokes of a pen, in several styles each.
#pragma once

#include <span>
#include <vector>

namespace duel {

// A place that the pen passes, x to the right and y down, the digit's box being [0, 1]². Between knots the line is
// smooth; at a corner it breaks.
struct Knot {
  double x;
  double y;
  bool corner = false;
};

using Stroke = std::vector<Knot>;
using DigitStyle = std::vector<Stroke>;

constexpr std::size_t most_knots = 16;  // of a stroke

// The styles of `digit`, 0 … 9; each is as likely as the others.
std::span<const DigitStyle> digit_styles(int digit);

}  // namespace duel
