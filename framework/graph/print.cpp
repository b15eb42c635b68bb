#include "graph/print.hpp"

#include <fmt/format.h>

#include <iterator>

#include "graph/op.hpp"

namespace duel {
namespace {

std::string type_of(const Node& node) { return fmt::format("{}{}", to_string(node.dtype), to_string(node.shape)); }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool assigned(const Variable& variable) { return variable.latest != variable.initial; }

}  // namespace

std::string print_graph(const Graph& graph) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const NodeId id : graph.live_nodes()) {
    const Node& node = graph[id];
    fmt::format_to(out, "%{} = {}", id.index, node.op->name);
    for (const NodeId input : node.inputs) fmt::format_to(out, " %{}", input.index);
    const std::string attributes = to_string(node.attributes);
    fmt::format_to(out, "{}{} : {}\n", attributes.empty() ? "" : " ", attributes, type_of(node));
  }
  for (const Output& output : graph.outputs()) fmt::format_to(out, "output {} = %{}\n", output.name, output.node.index);
  for (const Variable& variable : graph.variables()) {
    fmt::format_to(out, "variable {} = %{}", variable.name, variable.initial.index);
    if (assigned(variable)) fmt::format_to(out, " -> %{}", variable.latest.index);
    text += '\n';
  }
  return text;
}

std::string print_graphviz(const Graph& graph) {
  std::string text = "digraph step {\n  node [shape=box, fontname=\"monospace\"];\n";
  const auto out = std::back_inserter(text);
  for (const NodeId id : graph.live_nodes()) {
    const Node& node = graph[id];
    std::string label = fmt::format("%{} {}", id.index, node.op->name);
    if (const std::string attributes = to_string(node.attributes); !attributes.empty()) label += ' ' + attributes;
    label += " : " + type_of(node);
    fmt::format_to(out, "  n{} [label={}];\n", id.index, in_quotes(label));
    for (const NodeId input : node.inputs) fmt::format_to(out, "  n{} -> n{};\n", input.index, id.index);
  }
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const Output& output = graph.outputs()[i];
    fmt::format_to(out, "  output{} [shape=ellipse, label={}];\n", i, in_quotes(output.name));
    fmt::format_to(out, "  n{} -> output{};\n", output.node.index, i);
  }
  for (const Variable& variable : graph.variables()) {
    if (!assigned(variable)) continue;
    fmt::format_to(out, "  v{} [shape=ellipse, label={}];\n", variable.latest.index,
                   in_quotes(variable.name + " (next)"));
    fmt::format_to(out, "  n{} -> v{};\n", variable.latest.index, variable.latest.index);
  }
  return text + "}\n";
}

}  // namespace duel
