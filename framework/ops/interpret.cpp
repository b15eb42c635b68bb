#include "ops/interpret.hpp"

#include "base/error.hpp"

namespace duel {
namespace {

using Named = std::map<std::string, HostTensor>;

const HostTensor& supplied(const Named& values, const Node& node) {
  const std::string& name = node.attributes.text("name");
  const auto found = values.find(name);
  DUEL_CHECK(found != values.end(), "no value is given for {} '{}'", node.op->name, name);
  const HostTensor& value = found->second;
  DUEL_CHECK(value.shape == node.shape && value.values.size() == static_cast<std::size_t>(node.shape.elements()),
             "{} '{}' of shape {} is given {} values of shape {}", node.op->name, name, to_string(node.shape),
             value.values.size(), to_string(value.shape));
  return value;
}

HostTensor compute(const Node& node, const std::vector<HostTensor>& values, const ReferenceContext& context) {
  DUEL_CHECK(node.op->reference != nullptr, "{} has no reference meaning", node.op->name);
  std::vector<const HostTensor*> inputs;
  for (const NodeId input : node.inputs) inputs.push_back(&values[input.index]);
  HostTensor output{node.shape, std::vector<double>(static_cast<std::size_t>(node.shape.elements()))};
  node.op->reference(node, inputs, context, output);
  return output;
}

}  // namespace

Interpretation interpret(const Graph& graph, const Named& inputs, const Named& variables,
                         const ReferenceContext& context) {
  std::vector<HostTensor> values(graph.size());
  for (const NodeId id : graph.live_nodes()) {
    const Node& node = graph[id];
    HostTensor& value = values[id.index];
    if (node.op == &input_op()) {
      value = supplied(inputs, node);
    } else if (node.op == &variable_op()) {
      value = supplied(variables, node);
    } else if (node.op->kind == OpKind::assign) {
      value = values[node.inputs[0].index];
    } else {
      value = compute(node, values, context);
    }
  }

  Interpretation result;
  for (const Output& output : graph.outputs()) result.outputs[output.name] = values[output.node.index];
  for (const Variable& variable : graph.variables()) {
    const bool assigned = variable.latest != variable.initial;
    result.variables[variable.name] =
        assigned ? values[variable.latest.index] : supplied(variables, graph[variable.initial]);
  }
  return result;
}

}  // namespace duel
