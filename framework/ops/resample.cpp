// Weighted sums along one axis: a sparse matrix on it. The adjoint is the transposed matrix, so one op is closed under
// differentiation.
#include <algorithm>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

Shape resampled(std::span<const Shape> inputs, const Attributes& attributes) {
  Shape shape = inputs[0];
  const auto axis = static_cast<int>(attributes.integer("axis"));
  if (shape[axis] != attributes.integer("inputs")) {
    throw ShapeError(fmt::format("resample: axis {} of {} has not {} elements", axis, to_string(shape),
                                 attributes.integer("inputs")));
  }
  shape[axis] = static_cast<int64_t>(attributes.integers("starts").size()) - 1;
  return shape;
}

void refer(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
  const Taps taps = taps_of(node.attributes);
  const auto axis = static_cast<int>(node.attributes.integer("axis"));
  const auto strides = row_major_strides(inputs[0]->shape);
  for_each_index(node.shape, [&](const Index& at, std::size_t position) {
    Index from = at;
    double sum = 0;
    const auto row = static_cast<std::size_t>(at[static_cast<std::size_t>(axis)]);
    for (auto t = static_cast<std::size_t>(taps.starts[row]); t < static_cast<std::size_t>(taps.starts[row + 1]); ++t) {
      from[static_cast<std::size_t>(axis)] = taps.index[t];
      sum += taps.weight[t] * inputs[0]->values[offset(from, strides, node.shape.rank())];
    }
    output.values[position] = sum;
  });
}

constexpr Op resample_record{
    .name = "resample",
    .kind = OpKind::contraction,
    .arity = 1,
    .shape = resampled,
    .gradient =
        [](const GradientCall& call) {
          const auto axis = static_cast<int>(call.node.attributes.integer("axis"));
          return std::vector{resample(call.gradient, axis, transposed(taps_of(call.node.attributes)))};
        },
    .reference = refer,
    .flops =
        [](const Node& node, std::span<const Shape> inputs) {
          const auto axis = static_cast<int>(node.attributes.integer("axis"));
          return 2.0 * static_cast<double>(node.attributes.integers("index").size()) *
                 static_cast<double>(inputs[0].without(axis).elements());
        }};

}  // namespace

const Op& resample_op() { return resample_record; }

Taps taps_of(const Attributes& attributes) {
  return {.inputs = attributes.integer("inputs"),
          .starts = attributes.integers("starts"),
          .index = attributes.integers("index"),
          .weight = attributes.numbers("weight")};
}

Tensor resample(const Tensor& a, int axis, const Taps& taps) {
  const int index = axis_of("resample", a.shape(), axis);
  DUEL_CHECK(!taps.starts.empty() && taps.index.size() == taps.weight.size() &&
                 taps.starts.back() == static_cast<int64_t>(taps.index.size()) &&
                 std::ranges::all_of(taps.index, [&](int64_t i) { return i >= 0 && i < taps.inputs; }),
             "the taps are no matrix of {} columns", taps.inputs);
  const Attributes attributes{{"axis", static_cast<int64_t>(index)},
                              {"inputs", taps.inputs},
                              {"starts", taps.starts},
                              {"index", taps.index},
                              {"weight", taps.weight}};
  if (is_constant(a, 0)) return constant(a.graph(), 0, resampled(std::array{a.shape()}, attributes));
  return make(resample_op(), {a}, attributes);
}

}  // namespace duel
