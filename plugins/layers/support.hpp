// What several layers of this folder need; not for others.
#pragma once

#include <string_view>
#include <vector>

#include "graph/op.hpp"
#include "ops/ops.hpp"
#include "registry/images.hpp"

namespace duel {

// Throws ShapeError unless `input` has at least one axis besides the batch.
void require_features(std::string_view layer, const Tensor& input);

// Every axis but the last.
std::vector<int64_t> all_but_last(const Shape& shape);
// Every axis but the first, the batch.
std::vector<int64_t> all_but_first(const Shape& shape);
// Those between the batch and the channels. Throws ShapeError unless there is one.
std::vector<int64_t> axes_between(std::string_view layer, const Shape& shape);

// `shape` with `extent` as its last.
Shape with_last(Shape shape, int64_t extent);

// x where it is positive, else 0, and the reverse; NaN stays NaN. At 0 the derivatives are 0 and 1, as in PyTorch
// (an op maximum would share: ½ and ½).
Tensor positive_part(const Tensor& x);
Tensor negative_part(const Tensor& x);

// e^x divided by its sum along the last axis.
Tensor softmax(const Tensor& x);

}  // namespace duel
