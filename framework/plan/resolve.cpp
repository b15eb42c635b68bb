#include "plan/resolve.hpp"

#include <map>
#include <optional>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "ops/records.hpp"
#include "ops/table.hpp"

namespace duel {
namespace {

Operand number_operand(double value) { return {.item = Operand::number, .value = value, .access = {}}; }

bool is_cheap(Elementwise op) {
  switch (op) {
    case Elementwise::divide:
    case Elementwise::power:
    case Elementwise::sqrt:
    case Elementwise::rsqrt:
    case Elementwise::reciprocal:
    case Elementwise::exp:
    case Elementwise::log:
    case Elementwise::log1p:
    case Elementwise::tanh:
    case Elementwise::sigmoid:
    case Elementwise::softplus:
    case Elementwise::erf:
    case Elementwise::sin:
    case Elementwise::cos:
      return false;
    default:
      return true;
  }
}

class Resolver {
 public:
  explicit Resolver(const Graph& graph) : graph_(graph), seen_(graph.size()) {}

  Items run() {
    for (const NodeId id : graph_.live_nodes()) seen_[id.index] = resolve_node(id);
    for (const Output& output : graph_.outputs()) items_.outputs.push_back(in_memory(output.node));
    for (std::size_t i = 0; i < graph_.variables().size(); ++i) items_.versions.push_back(versions_of(i));
    return std::move(items_);
  }

 private:
  const Operand& seen(NodeId id) const { return seen_[id.index]; }

  Operand resolve_node(NodeId id) {
    const Node& node = graph_[id];
    DUEL_CHECK(node.shape.elements() > 0, "%{} = {} of shape {} has no elements", id.index, node.op->name,
               to_string(node.shape));
    switch (node.op->kind) {
      case OpKind::source:
        return resolve_source(id, node);
      case OpKind::elementwise:
        return resolve_elementwise(id, node);
      case OpKind::broadcast:
        return resolve_broadcast(node);
      case OpKind::reduction:
        return resolve_reduction(id, node);
      case OpKind::view:
      case OpKind::assign:
      case OpKind::barrier:
        return seen(node.inputs[0]);
      case OpKind::random:
      case OpKind::movement:
      case OpKind::contraction:
        return resolve_kernel(id, node);
    }
    DUEL_CHECK(false, "%{} = {} is of an unknown kind", id.index, node.op->name);
  }

  Operand add(Item item) {
    const int64_t elements = item.elements;
    return {.item = items_.add(std::move(item)), .value = 0, .access = dense_access(elements)};
  }

  Item item_for(NodeId id, Work work) const {
    const int64_t elements = graph_[id].shape.elements();
    Item item;
    item.work = work;
    item.node = id;
    item.elements = elements;
    item.space = elements;
    return item;
  }

  Operand resolve_source(NodeId id, const Node& node) {
    if (node.op == &constant_op()) return number_operand(node.attributes.number("value"));
    Item item = item_for(id, Work::constant);
    if (node.op == &input_op()) {
      item.work = Work::input;
      item.index = index_of_input(id);
    } else if (node.op == &variable_op()) {
      item.work = Work::variable;
      item.index = index_of_variable(id);
    }
    return add(std::move(item));
  }

  int64_t index_of_input(NodeId id) const {
    for (std::size_t i = 0; i < graph_.inputs().size(); ++i) {
      if (graph_.inputs()[i].second == id) return static_cast<int64_t>(i);
    }
    DUEL_CHECK(false, "%{} is no input of the graph", id.index);
  }

  int64_t index_of_variable(NodeId id) const {
    for (std::size_t i = 0; i < graph_.variables().size(); ++i) {
      if (graph_.variables()[i].initial == id) return static_cast<int64_t>(i);
    }
    DUEL_CHECK(false, "%{} is no variable of the graph", id.index);
  }

  Operand resolve_elementwise(NodeId id, const Node& node) {
    std::vector<Operand> operands;
    bool numbers = true;
    for (const NodeId input : node.inputs) {
      operands.push_back(seen(input));
      numbers = numbers && seen(input).is_number();
    }
    if (numbers) return number_operand(folded(node, operands));
    if (const auto same = unchanged(node, operands)) return *same;
    Item item = item_for(id, Work::elementwise);
    item.cheap = is_cheap(elementwise_of(*node.op));
    item.operands = std::move(operands);
    return add(std::move(item));
  }

  static double folded(const Node& node, const std::vector<Operand>& operands) {
    std::vector<double> values;
    for (const Operand& operand : operands) values.push_back(operand.value);
    return node.op->scalar(values.data());
  }

  // The operand that the op gives back as it is: x·1, x/1, x+0, x−0.
  static std::optional<Operand> unchanged(const Node& node, const std::vector<Operand>& operands) {
    const auto is = [&](std::size_t i, double value) { return operands[i].is_number() && operands[i].value == value; };
    switch (elementwise_of(*node.op)) {
      case Elementwise::multiply:
        if (is(0, 1)) return operands[1];
        if (is(1, 1)) return operands[0];
        return std::nullopt;
      case Elementwise::add:
        if (is(0, 0)) return operands[1];
        if (is(1, 0)) return operands[0];
        return std::nullopt;
      case Elementwise::divide:
        return is(1, 1) ? std::optional(operands[0]) : std::nullopt;
      case Elementwise::subtract:
        return is(1, 0) ? std::optional(operands[0]) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  Operand resolve_broadcast(const Node& node) {
    const NodeId input = node.inputs[0];
    if (seen(input).is_number()) return seen(input);
    const Access outer = broadcast_access(graph_[input].shape, node.shape);
    if (const auto access = compose(outer, seen(input).access)) {
      return {.item = seen(input).item, .value = 0, .access = *access};
    }
    return {.item = in_memory(input), .value = 0, .access = outer};
  }

  Operand resolve_reduction(NodeId id, const Node& node) {
    const NodeId input = node.inputs[0];
    const int64_t space = graph_[input].shape.elements();
    if (seen(input).is_number()) {
      const double times = static_cast<double>(space) / static_cast<double>(node.shape.elements());
      return number_operand(node.op == &sum_op() ? seen(input).value * times : seen(input).value);
    }
    if (space == node.shape.elements()) return seen(input);
    Item item = item_for(id, Work::reduction);
    item.space = space;
    item.fold = fold_access(graph_[input].shape, node.attributes.integers("axes"));
    item.operands = {seen(input)};
    return add(std::move(item));
  }

  Operand resolve_kernel(NodeId id, const Node& node) {
    Item item = item_for(id, Work::kernel);
    for (const NodeId input : node.inputs) {
      item.operands.push_back(
          {.item = in_memory(input), .value = 0, .access = dense_access(graph_[input].shape.elements())});
    }
    return add(std::move(item));
  }

  // The item that holds the node's elements densely; made when there is none yet.
  int in_memory(NodeId id) {
    const Operand operand = seen(id);
    if (is_dense_item(id)) return operand.item;
    if (const auto known = laid_out_.find(id); known != laid_out_.end()) return known->second;
    Item item = item_for(id, operand.is_number() ? Work::constant : Work::spread);
    if (operand.is_number()) {
      item.number = operand.value;
    } else {
      item.operands = {operand};
    }
    return laid_out_[id] = items_.add(std::move(item));
  }

  std::vector<int> versions_of(std::size_t index) {
    const Variable& variable = graph_.variables()[index];
    const bool assigned = variable.latest != variable.initial;
    if (!assigned && seen(variable.initial).is_number()) return {};  // never read: nothing was resolved
    std::vector<int> versions{initial_item(variable, static_cast<int64_t>(index))};
    if (!assigned) return versions;
    for (const NodeId id : assignments(variable)) {
      if (id != variable.latest && !is_dense_item(id)) continue;
      versions.push_back(in_memory(id));
    }
    return versions;
  }

  bool is_dense_item(NodeId id) const {
    return !seen(id).is_number() && is_dense(seen(id).access) &&
           items_[seen(id).item].elements == graph_[id].shape.elements();
  }

  int initial_item(const Variable& variable, int64_t index) {
    if (!seen(variable.initial).is_number()) return seen(variable.initial).item;
    Item item = item_for(variable.initial, Work::variable);
    item.index = index;
    return items_.add(std::move(item));
  }

  // The live assignments to a variable, in order.
  std::vector<NodeId> assignments(const Variable& variable) {
    if (assignments_.empty()) {
      for (const NodeId id : graph_.live_nodes()) {
        const Node& node = graph_[id];
        if (node.op == &assign_op()) assignments_[node.attributes.text("name")].push_back(id);
      }
    }
    return assignments_[variable.name];
  }

  const Graph& graph_;
  Items items_;
  std::vector<Operand> seen_;       // by node; a number until the node is resolved
  std::map<NodeId, int> laid_out_;  // constants and broadcasts that somebody needs in memory
  std::map<std::string, std::vector<NodeId>, std::less<>> assignments_;
};

}  // namespace

Items resolve(const Graph& graph) { return Resolver(graph).run(); }

}  // namespace duel
