// Broadcasting and its adjoint, reduction.
#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

// ── broadcast ──────────────────────────────────────────────────────────────────────────────────────────────────────

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int axis = 1; axis <= from.rank(); ++axis) {
    if (from[-axis] != 1 && from[-axis] != to[-axis]) return false;
  }
  return true;
}

void require_broadcast(std::string_view function, const Shape& from, const Shape& to) {
  if (broadcasts_to(from, to)) return;
  throw ShapeError(fmt::format("{}: {} does not broadcast to {}", function, to_string(from), to_string(to)));
}

Shape broadcast_shape(std::span<const Shape> inputs, const Attributes& attributes) {
  const Shape shape = shape_attribute(attributes);
  require_broadcast("broadcast", inputs[0], shape);
  return shape;
}

// Strides over the axes of `to` that walk the elements of `from`, standing still where it repeats.
Index broadcast_strides(const Shape& from, const Shape& to) {
  const auto own = row_major_strides(from);
  const int missing = to.rank() - from.rank();
  Index strides{};
  for (int axis = 0; axis < from.rank(); ++axis) strides[axis + missing] = from[axis] == 1 ? 0 : own[axis];
  return strides;
}

void repeat(const Node&, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
  const Index strides = broadcast_strides(inputs[0]->shape, output.shape);
  for_each_index(output.shape, [&](const Index& index, std::size_t position) {
    output.values[position] = inputs[0]->values[offset(index, strides, output.shape.rank())];
  });
}

constexpr Op broadcast_record{
    .name = "broadcast",
    .kind = OpKind::broadcast,
    .arity = 1,
    .shape = broadcast_shape,
    .gradient = [](const GradientCall& call) { return std::vector{sum_to(call.gradient, call.inputs[0].shape())}; },
    .reference = repeat,
    .flops = no_flops};

// ── reductions ─────────────────────────────────────────────────────────────────────────────────────────────────────

bool folded(const std::vector<int64_t>& axes, int axis) { return std::ranges::binary_search(axes, axis); }

// Which axes, counted from the front and sorted; all when none are named.
std::vector<int64_t> axes_of(std::string_view function, const Shape& shape, std::span<const int64_t> axes) {
  std::vector<int64_t> sorted;
  for (const int64_t axis : axes) sorted.push_back(axis_of(function, shape, axis));
  if (axes.empty()) {
    sorted.resize(static_cast<std::size_t>(shape.rank()));
    std::iota(sorted.begin(), sorted.end(), 0);
  }
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    throw ShapeError(fmt::format("{}: axis {} of {} is named twice", function, *twice, to_string(shape)));
  }
  return sorted;
}

Shape dropped(const Shape& shape, const std::vector<int64_t>& axes) {
  Shape out;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (!folded(axes, axis)) out.push_back(shape[axis]);
  }
  return out;
}

Shape kept(Shape shape, const std::vector<int64_t>& axes) {
  for (const int64_t axis : axes) shape[static_cast<int>(axis)] = 1;
  return shape;
}

double folded_elements(const Shape& shape, const std::vector<int64_t>& axes) {
  double count = 1;
  for (const int64_t axis : axes) count *= static_cast<double>(shape[static_cast<int>(axis)]);
  return count;
}

Shape reduced_shape(std::span<const Shape> inputs, const Attributes& attributes) {
  const auto& axes = attributes.integers("axes");
  return dropped(inputs[0], axes_of("a reduction", inputs[0], axes));
}

// Puts the folded axes back, repeating what a reduction of `like` along `axes` gave.
Tensor spread(const Tensor& reduced, const Tensor& like, const std::vector<int64_t>& axes) {
  return broadcast(reshape(reduced, kept(like.shape(), axes)), like.shape());
}

template <class Fold>
void reduce(const Node& node, const HostTensor& input, double start, Fold fold, HostTensor& output) {
  const auto& axes = node.attributes.integers("axes");
  std::ranges::fill(output.values, start);
  const Shape shape = kept(input.shape, axes);
  const Index strides = broadcast_strides(shape, input.shape);
  for_each_index(input.shape, [&](const Index& index, std::size_t position) {
    double& result = output.values[offset(index, strides, input.shape.rank())];
    result = fold(result, input.values[position]);
  });
}

constexpr Op sum_record{
    .name = "sum",
    .kind = OpKind::reduction,
    .arity = 1,
    .shape = reduced_shape,
    .gradient =
        [](const GradientCall& call) {
          return std::vector{spread(call.gradient, call.inputs[0], call.node.attributes.integers("axes"))};
        },
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          reduce(
              node, *inputs[0], 0.0, [](double a, double b) { return a + b; }, output);
        },
    .flops = one_flop_an_input};

// Elements that share a maximum share its derivative, so that the result does not depend on their order.
std::vector<Tensor> max_gradient(const GradientCall& call) {
  const auto& axes = call.node.attributes.integers("axes");
  const Tensor& a = call.inputs[0];
  const Tensor mask = equal(a, spread(call.output, a, axes));
  return {spread(call.gradient / sum(mask, axes), a, axes) * mask};
}

constexpr Op max_record{
    .name = "max",
    .kind = OpKind::reduction,
    .arity = 1,
    .shape = reduced_shape,
    .gradient = max_gradient,
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          constexpr double lowest = -std::numeric_limits<double>::infinity();
          reduce(
              node, *inputs[0], lowest, [](double a, double b) { return b > a || b != b ? b : a; }, output);
        },
    .flops = one_flop_an_input};

Tensor keep_axes(const Tensor& reduced, const Shape& before, const std::vector<int64_t>& axes, bool keep) {
  return keep ? reshape(reduced, kept(before, axes)) : reduced;
}

}  // namespace

const Op& broadcast_op() { return broadcast_record; }
const Op& sum_op() { return sum_record; }
const Op& max_op() { return max_record; }

Tensor broadcast(const Tensor& a, const Shape& shape) {
  if (a.shape() == shape) return a;
  require_broadcast("broadcast", a.shape(), shape);
  if (const auto value = constant_value(a)) return constant(a.graph(), *value, shape);
  if (a.node().op == &broadcast_op()) return broadcast(Tensor(a.graph(), a.node().inputs[0]), shape);
  return make(broadcast_op(), {a}, {{"shape", extents(shape)}});
}

Tensor sum(const Tensor& a, std::span<const int64_t> axes, bool keep) {
  const auto folds = axes_of("sum", a.shape(), axes);
  if (folds.empty()) return a;
  if (const auto value = constant_value(a)) {
    return constant(a.graph(), *value * folded_elements(a.shape(), folds),
                    keep ? kept(a.shape(), folds) : dropped(a.shape(), folds));
  }
  // Along extents of 1 there is nothing to add.
  if (kept(a.shape(), folds) == a.shape()) return keep ? a : reshape(a, dropped(a.shape(), folds));
  return keep_axes(make(sum_op(), {a}, {{"axes", folds}}), a.shape(), folds, keep);
}

Tensor sum(const Tensor& a) { return sum(a, {}); }

Tensor mean(const Tensor& a, std::span<const int64_t> axes, bool keep) {
  const auto folds = axes_of("mean", a.shape(), axes);
  const double count = folded_elements(a.shape(), folds);
  if (count == 0) throw ShapeError(fmt::format("mean: there are no elements to average in {}", to_string(a.shape())));
  return sum(a, axes, keep) * (1 / count);
}

Tensor mean(const Tensor& a) { return mean(a, {}); }

Tensor max(const Tensor& a, std::span<const int64_t> axes, bool keep) {
  const auto folds = axes_of("max", a.shape(), axes);
  if (folds.empty()) return a;
  if (folded_elements(a.shape(), folds) == 0) {
    throw ShapeError(fmt::format("max: there are no elements to compare in {}", to_string(a.shape())));
  }
  if (const auto value = constant_value(a)) {
    return constant(a.graph(), *value, keep ? kept(a.shape(), folds) : dropped(a.shape(), folds));
  }
  if (kept(a.shape(), folds) == a.shape()) return keep ? a : reshape(a, dropped(a.shape(), folds));
  return keep_axes(make(max_op(), {a}, {{"axes", folds}}), a.shape(), folds, keep);
}

Tensor sum_to(const Tensor& a, const Shape& shape) {
  if (a.shape() == shape) return a;
  require_broadcast("sum_to", shape, a.shape());
  const int missing = a.rank() - shape.rank();
  std::vector<int64_t> axes;
  for (int axis = 0; axis < a.rank(); ++axis) {
    if (axis < missing || (shape[axis - missing] == 1 && a.shape()[axis] != 1)) axes.push_back(axis);
  }
  return reshape(sum(a, axes), shape);
}

}  // namespace duel
