#include "ops/support.hpp"

#include "base/error.hpp"
#include "ops/ops.hpp"

namespace duel {

Tensor make(const Op& op, std::span<const Tensor> inputs, Attributes attributes) {
  DUEL_CHECK(!inputs.empty(), "{} needs an input", op.name);
  std::vector<NodeId> ids;
  for (const Tensor& input : inputs) {
    DUEL_CHECK(static_cast<bool>(input), "an input of {} is an empty tensor", op.name);
    DUEL_CHECK(&input.graph() == &inputs[0].graph(), "the inputs of {} are of two graphs", op.name);
    ids.push_back(input.id());
  }
  Graph& graph = inputs[0].graph();
  return {graph, graph.add(op, ids, std::move(attributes))};
}

Tensor make(const Op& op, std::initializer_list<Tensor> inputs, Attributes attributes) {
  return make(op, std::span(inputs.begin(), inputs.size()), std::move(attributes));
}

bool is_constant(const Tensor& a, double value) { return constant_value(a) == value; }

int axis_of(std::string_view function, const Shape& shape, int64_t axis) {
  const int64_t index = axis < 0 ? axis + shape.rank() : axis;
  if (index < 0 || index >= shape.rank()) {
    throw ShapeError(fmt::format("{}: there is no axis {} in {}", function, axis, to_string(shape)));
  }
  return static_cast<int>(index);
}

std::vector<int64_t> list_of(const Extent2& pair) { return {pair.begin(), pair.end()}; }

Extent2 pair_of(const Attributes& attributes, std::string_view name) {
  const std::vector<int64_t>& values = attributes.integers(name);
  DUEL_CHECK(values.size() == 2, "attribute '{}' has {} values, not 2", name, values.size());
  return {values[0], values[1]};
}

void require_images(std::string_view op, std::string_view what, const Shape& shape) {
  if (shape.rank() == 4) return;
  throw ShapeError(fmt::format("{}: {} are [batch, height, width, channels], not {}", op, what, to_string(shape)));
}

double one_flop_an_input(const Node&, std::span<const Shape> inputs) {
  return static_cast<double>(inputs[0].elements());
}

}  // namespace duel
