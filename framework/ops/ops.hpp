// The op set, as functions on tensors. It is small and closed under differentiation: every gradient rule is written
// with these same functions, so gradients of gradients are ordinary graphs. Layers, losses and optimizers are
// compositions.
//
// Shapes: the two sides of a binary elementwise function are broadcast to one shape by NumPy's rule (explicit broadcast
// nodes are inserted); anything else throws ShapeError naming the function and both shapes.
//
// What changes no value gives no node: x + 0, x · 1, x / 1, −−x, a reshape to the same shape, sums over nothing. x · 0
// is zeros and what is computed from constants alone is a constant, so graphs of gradients stay small.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/shape.hpp"
#include "graph/tensor.hpp"
#include "ops/taps.hpp"
#include "ops/window.hpp"

namespace duel {

// ── sources ────────────────────────────────────────────────────────────────────────────────────────────────────────
Tensor constant(Graph& graph, double value, const Shape& shape = {});
Tensor constant_like(const Tensor& like, double value);
// The value of a constant, or none for any other node.
std::optional<double> constant_value(const Tensor& a);
// 0, 1, … n-1 as a vector.
Tensor iota(Graph& graph, int64_t n);

// ── elementwise: elementwise.cpp ───────────────────────────────────────────────────────────────────────────────────
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);
Tensor operator*(const Tensor& a, double b);
Tensor operator/(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(double a, const Tensor& b);
Tensor operator-(const Tensor& a);

Tensor maximum(const Tensor& a, const Tensor& b);  // at a tie the derivative is shared half and half
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, double b);
Tensor minimum(const Tensor& a, double b);
Tensor power(const Tensor& a, const Tensor& b);  // a > 0 where b is not a whole number
Tensor power(const Tensor& a, double b);
Tensor square(const Tensor& a);
Tensor sqrt(const Tensor& a);
Tensor rsqrt(const Tensor& a);
Tensor reciprocal(const Tensor& a);
Tensor exp(const Tensor& a);
Tensor log(const Tensor& a);
Tensor log1p(const Tensor& a);
Tensor tanh(const Tensor& a);
Tensor sigmoid(const Tensor& a);
Tensor softplus(const Tensor& a);  // log(1 + e^a), exact for large |a|
Tensor erf(const Tensor& a);
Tensor sin(const Tensor& a);
Tensor cos(const Tensor& a);
Tensor abs(const Tensor& a);
Tensor sign(const Tensor& a);
Tensor floor(const Tensor& a);  // no derivative
// Comparisons give 1 or 0 and have no derivative.
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor less(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor equal(const Tensor& a, const Tensor& b);
Tensor not_equal(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, double b);
// where condition ≠ 0 take a, else b
Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b);

// ── broadcast and reductions: reduce.cpp ───────────────────────────────────────────────────────────────────────────
Tensor broadcast(const Tensor& a, const Shape& shape);  // NumPy's rule; a itself when the shape is the same
// Axes may be negative; empty means all. keep leaves extents of 1.
Tensor sum(const Tensor& a, std::span<const int64_t> axes, bool keep = false);
Tensor sum(const Tensor& a);
Tensor mean(const Tensor& a, std::span<const int64_t> axes, bool keep = false);
Tensor mean(const Tensor& a);
Tensor max(const Tensor& a, std::span<const int64_t> axes, bool keep = false);  // ties share the derivative
// Sums a down to a shape that broadcasts to a's: the adjoint of broadcast.
Tensor sum_to(const Tensor& a, const Shape& shape);

// ── movement: movement.cpp ─────────────────────────────────────────────────────────────────────────────────────────
Tensor reshape(const Tensor& a, const Shape& shape);  // same number of elements
Tensor permute(const Tensor& a, std::span<const int64_t> order);
Tensor transpose(const Tensor& a);  // the last two axes
Tensor slice(const Tensor& a, std::span<const int64_t> start, std::span<const int64_t> stop);
Tensor slice(const Tensor& a, int axis, int64_t start, int64_t stop);
Tensor pad(const Tensor& a, std::span<const int64_t> before, std::span<const int64_t> after);  // with zeros
Tensor concat(std::span<const Tensor> parts, int axis);
// Rows of table [n, …] at indices [b] (whole numbers held as floats; out of range is clamped): [b, …].
Tensor gather(const Tensor& table, const Tensor& indices);
// Adjoint of gather: rows [b, …] added into zeros [n, …] at indices [b].
Tensor scatter_add(const Tensor& rows, const Tensor& indices, int64_t n);

// ── contractions: matmul.cpp ───────────────────────────────────────────────────────────────────────────────────────
// [m, k] × [k, n] → [m, n], each side transposed on request; or batched [b, m, k] × [b, k, n].
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// ── convolutions: convolution.cpp ──────────────────────────────────────────────────────────────────────────────────
// Images [n, height, width, channels]; weights [height, width, channels / groups, outputs]. What is called a
// convolution here is, as everywhere in the field, a correlation: the weights are not turned round.
Tensor conv2d(const Tensor& images, const Tensor& weight, const Convolution& how = {});
// Adjoint in the images, which had that height and width: the transposed convolution.
Tensor conv2d_input_gradient(const Tensor& outputs, const Tensor& weight, const Extent2& size,
                             const Convolution& how = {});
// Adjoint in the weights, of that height and width.
Tensor conv2d_weight_gradient(const Tensor& images, const Tensor& outputs, const Extent2& kernel,
                              const Convolution& how = {});

// ── sums along one axis: resample.cpp ──────────────────────────────────────────────────────────────────────────────
// Element i along `axis` becomes Σ_t weight_t · element(index_t) over the taps t of i. Resizing, blurring, average
// pooling and padding by reflection are of this kind, an axis at a time (taps.hpp makes their taps).
Tensor resample(const Tensor& a, int axis, const Taps& taps);

// ── maximum over windows: pool.cpp ─────────────────────────────────────────────────────────────────────────────────
// Of images [n, height, width, channels] the greatest of each window, per channel; what lies beyond the edges is never
// taken. At a tie the first one takes the whole derivative.
Tensor max_pool(const Tensor& images, const Pooling& how);
// The element of `values` at the place where `selector` is greatest in its window, and the adjoint in `values`.
Tensor max_pool_take(const Tensor& selector, const Tensor& values, const Pooling& how);
Tensor max_pool_put(const Tensor& selector, const Tensor& outputs, const Pooling& how);

// ── random: random.cpp ─────────────────────────────────────────────────────────────────────────────────────────────
// A fresh draw each step: Philox with `key` and the clock (step, turn, repeat); step is known when the graph runs.
struct RandomSource {
  uint64_t key = 0;
  int64_t turn = 0;
  int64_t repeat = 0;
};
Tensor random_uniform(Graph& graph, const RandomSource& source, const Shape& shape);  // [0, 1)
Tensor random_normal(Graph& graph, const RandomSource& source, const Shape& shape);   // N(0, 1)

// ── flow: flow.cpp ─────────────────────────────────────────────────────────────────────────────────────────────────
Tensor stop_gradient(const Tensor& a);

}  // namespace duel
