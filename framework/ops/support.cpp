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

double one_flop_an_input(const Node&, std::span<const Shape> inputs) {
  return static_cast<double>(inputs[0].elements());
}

}  // namespace duel
