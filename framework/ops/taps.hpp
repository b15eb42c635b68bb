// Sparse matrices on one axis, and those that are commonly needed on an axis of an image. They are what resample()
// applies to tensors, and what data/ applies to pictures: they stand here, as the operand of an op, and not in base/,
// because data/ may use ops/ and no room before ops/ needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace duel {

// A sparse matrix, row by row: what each element along an axis is made of.
struct Taps {
  int64_t inputs = 0;           // columns: the extent of the axis before
  std::vector<int64_t> starts;  // of each row its first tap, and at the end their number
  std::vector<int64_t> index;   // of each tap: which input
  std::vector<double> weight;

  int64_t outputs() const { return static_cast<int64_t>(starts.size()) - 1; }
  bool operator==(const Taps&) const = default;
};
Taps transposed(const Taps& taps);

// area: the mean of the elements whose centres an output covers. linear: a triangle of half-width 1. cubic: Keys'
// kernel of half-width 2 (Keys 1981, Cubic convolution interpolation for digital image processing), whose slope at 1 is
// `cubic_slope`: Keys has −1/2, PyTorch −3/4.
enum class ResizeFilter { area, linear, cubic };
// What a filter finds beyond the edge: nothing, so that the taps within count for more, or the last element again.
enum class FilterEdge { renormalize, repeat };

// A part of an axis: element i is the cell from i to i + 1. Need not begin or end where a cell does.
struct AxisPart {
  double begin = 0;
  double end = 0;
};

struct Resizing {
  ResizeFilter filter = ResizeFilter::linear;
  FilterEdge edge = FilterEdge::renormalize;
  double cubic_slope = -0.5;
  bool antialias = false;             // where there are fewer outputs than inputs, widen the filter by the factor
  std::optional<AxisPart> part = {};  // without it, all; the filter sees beyond the part what is there
};

// From `inputs` elements, or a part of them, to `outputs`, thought of as cells that cover the same interval. The taps
// of an output add up to 1.
Taps resizing_taps(int64_t inputs, int64_t outputs, const Resizing& how);

// Every `step`-th element, from the first.
Taps strided_taps(int64_t inputs, int64_t step);

// Means of windows. What lies beyond the edges counts as zeros if `count_padding`, else not at all. There must be at
// least one position.
Taps average_taps(int64_t inputs, int64_t kernel, int64_t stride, int64_t before, int64_t after, bool count_padding);

// What stands beyond an edge: zeros, the last element, or the elements before it (without the last, as a mirror in
// the middle of it).
enum class Border { zero, repeat, reflect };

// The same elements with `before` more at the beginning and `after` more at the end. A reflection must leave an element
// to reflect: before, after < inputs.
Taps border_taps(int64_t inputs, int64_t before, int64_t after, Border border);

// A filter of fixed weights at every `stride`-th element i: element i + t − (n−1)/2, rounded down, is weighed by weight
// t of n. Beyond the edges is `border`; where that reflects, the filter may not reach further than there are elements.
Taps filter_taps(int64_t inputs, std::span<const double> weights, int64_t stride, Border border);

}  // namespace duel
