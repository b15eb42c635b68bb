#include "graph/verify.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "graph/op.hpp"

namespace duel {
namespace {

void verify_node(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  DUEL_CHECK(node.op != nullptr, "node %{} has no op", id.index);
  const Op& op = *node.op;
  DUEL_CHECK(op.arity < 0 ? !node.inputs.empty() : node.inputs.size() == static_cast<std::size_t>(op.arity),
             "node %{} = {} has {} inputs instead of {}", id.index, op.name, node.inputs.size(), op.arity);
  std::vector<Shape> shapes;
  for (const NodeId input : node.inputs) {
    DUEL_CHECK(input.index < id.index, "node %{} = {} uses node %{}, which does not precede it", id.index, op.name,
               input.index);
    shapes.push_back(graph[input].shape);
    DUEL_CHECK(graph[input].dtype == node.dtype, "node %{} = {} is {} and its input %{} is {}", id.index, op.name,
               to_string(node.dtype), input.index, to_string(graph[input].dtype));
  }
  Shape shape;
  try {
    shape = op.shape(shapes, node.attributes);
  } catch (const ShapeError& error) {
    throw InternalError(fmt::format("node %{} = {} has inputs that do not fit: {}", id.index, op.name, error.what()));
  }
  DUEL_CHECK(shape == node.shape, "node %{} = {} has the shape {} where its rule gives {}", id.index, op.name,
             to_string(node.shape), to_string(shape));
}

// The assign nodes of each variable, in node order.
std::map<std::string, std::vector<NodeId>> assignments(const Graph& graph) {
  std::map<std::string, std::vector<NodeId>> by_name;
  for (uint32_t i = 0; i < graph.size(); ++i) {
    const Node& node = graph[NodeId{i}];
    if (node.op == &assign_op()) by_name[node.attributes.text("name")].push_back({i});
  }
  return by_name;
}

void verify_variable(const Graph& graph, const Variable& variable, const std::vector<NodeId>& versions) {
  DUEL_CHECK(variable.initial.index < graph.size(), "variable '{}' starts as node %{}, which does not exist",
             variable.name, variable.initial.index);
  const Node& initial = graph[variable.initial];
  DUEL_CHECK(initial.op == &variable_op() && initial.attributes.text("name") == variable.name,
             "variable '{}' starts as node %{}, which is no read of it", variable.name, variable.initial.index);
  DUEL_CHECK(initial.shape == variable.shape, "variable '{}' of shape {} starts as node %{} of shape {}", variable.name,
             to_string(variable.shape), variable.initial.index, to_string(initial.shape));
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const Node& node = graph[versions[i]];
    const auto expected = static_cast<int64_t>(i + 1);
    DUEL_CHECK(node.attributes.integer("version") == expected,
               "node %{} is version {} of variable '{}' where version {} is next", versions[i].index,
               node.attributes.integer("version"), variable.name, expected);
    DUEL_CHECK(node.shape == variable.shape, "node %{} assigns the shape {} to variable '{}' of shape {}",
               versions[i].index, to_string(node.shape), variable.name, to_string(variable.shape));
  }
  const NodeId last = versions.empty() ? variable.initial : versions.back();
  DUEL_CHECK(variable.latest == last, "variable '{}' ends as node %{} and not as its last version, node %{}",
             variable.name, variable.latest.index, last.index);
}

}  // namespace

void verify_graph(const Graph& graph) {
  for (uint32_t i = 0; i < graph.size(); ++i) verify_node(graph, NodeId{i});

  auto by_name = assignments(graph);
  for (const Variable& variable : graph.variables()) {
    verify_variable(graph, variable, by_name[variable.name]);
    by_name.erase(variable.name);
  }
  DUEL_CHECK(by_name.empty(), "node %{} assigns variable '{}', which is not declared",
             by_name.begin()->second.front().index, by_name.begin()->first);

  for (const auto& [name, id] : graph.inputs()) {
    DUEL_CHECK(id.index < graph.size() && graph[id].op == &input_op() && graph[id].attributes.text("name") == name,
               "input '{}' refers to node %{}, which is no such input", name, id.index);
  }
  for (const Output& output : graph.outputs()) {
    DUEL_CHECK(output.node.index < graph.size(), "output '{}' refers to node %{}, which does not exist", output.name,
               output.node.index);
  }
}

}  // namespace duel
