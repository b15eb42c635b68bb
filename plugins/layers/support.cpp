#include "plugins/layers/support.hpp"

#include <fmt/format.h>

namespace duel {

void require_features(std::string_view layer, const Tensor& input) {
  if (input.rank() >= 2) return;
  throw ShapeError(
      fmt::format("{}: an input of {} has no axis besides the batch to work on", layer, to_string(input.shape())));
}

std::vector<int64_t> all_but_last(const Shape& shape) {
  std::vector<int64_t> axes;
  for (int axis = 0; axis < shape.rank() - 1; ++axis) axes.push_back(axis);
  return axes;
}

std::vector<int64_t> all_but_first(const Shape& shape) {
  std::vector<int64_t> axes;
  for (int axis = 1; axis < shape.rank(); ++axis) axes.push_back(axis);
  return axes;
}

std::vector<int64_t> axes_between(std::string_view layer, const Shape& shape) {
  if (shape.rank() < 3) {
    throw ShapeError(fmt::format("{}: {} has no axes between the batch and the channels", layer, to_string(shape)));
  }
  std::vector<int64_t> axes = all_but_last(shape);
  axes.erase(axes.begin());
  return axes;
}

Shape with_last(Shape shape, int64_t extent) {
  shape[-1] = extent;
  return shape;
}

Tensor positive_part(const Tensor& x) {
  const Tensor zero = constant_like(x, 0);
  return select(less_equal(x, zero), zero, x);
}

Tensor negative_part(const Tensor& x) {
  const Tensor zero = constant_like(x, 0);
  return select(greater(x, zero), zero, x);
}

Tensor softmax(const Tensor& x) {
  const int64_t last[] = {-1};
  // The largest is only there against overflow: it cancels, and so has no derivative.
  const Tensor powers = exp(x - stop_gradient(max(x, last, true)));
  return powers / sum(powers, last, true);
}

}  // namespace duel
