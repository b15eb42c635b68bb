#include "graph/graph.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "graph/source.hpp"

namespace duel {
namespace {

std::size_t hash_of(const Op& op, std::span<const NodeId> inputs, const Attributes& attributes) {
  std::size_t hash = std::hash<const Op*>{}(&op) ^ (attributes.hash() * 0x9e3779b97f4a7c15ULL);
  for (const NodeId input : inputs) hash = (hash ^ input.index) * 0x100000001b3ULL;
  return hash;
}

constexpr Op input_record{
    .name = "input", .kind = OpKind::source, .arity = 0, .shape = shape_of_source, .flops = no_flops};

constexpr Op variable_record{
    .name = "variable", .kind = OpKind::source, .arity = 0, .shape = shape_of_source, .flops = no_flops};

// Without a derivative: a weight that an earlier turn updated is a constant to the turns after it, as it is to a
// program that updates in place. With one, a generator's loss would be differentiated through the discriminator's
// update.
constexpr Op assign_record{.name = "assign",
                           .kind = OpKind::assign,
                           .arity = 1,
                           .shape = [](std::span<const Shape> inputs, const Attributes&) { return inputs[0]; },
                           .flops = no_flops};

}  // namespace

const Op& input_op() { return input_record; }
const Op& variable_op() { return variable_record; }
const Op& assign_op() { return assign_record; }

NodeId Graph::add(const Op& op, std::span<const NodeId> inputs, Attributes attributes) {
  DUEL_CHECK(op.arity < 0 ? !inputs.empty() : inputs.size() == static_cast<std::size_t>(op.arity),
             "{} takes {} inputs and is given {}", op.name, op.arity, inputs.size());
  for (const NodeId input : inputs) DUEL_CHECK(input.index < size(), "{}: there is no node %{}", op.name, input.index);

  const std::size_t hash = hash_of(op, inputs, attributes);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto entry = begin; entry != end; ++entry) {
    const Node& node = (*this)[entry->second];
    if (node.op == &op && std::ranges::equal(node.inputs, inputs) && node.attributes == attributes) {
      return entry->second;
    }
  }

  std::vector<Shape> shapes;
  for (const NodeId input : inputs) shapes.push_back((*this)[input].shape);
  const Shape shape = op.shape(shapes, attributes);
  if (!shape.checked_elements()) {
    throw ShapeError(fmt::format("{}: the result {} has more elements than can be counted", op.name, to_string(shape)));
  }
  DUEL_CHECK(size() < UINT32_MAX, "a graph has less than 2^32 nodes");
  const NodeId id{static_cast<uint32_t>(size())};
  nodes_.push_back({&op, {inputs.begin(), inputs.end()}, std::move(attributes), shape, dtype_});
  by_hash_.emplace(hash, id);
  return id;
}

const Node& Graph::operator[](NodeId id) const {
  DUEL_CHECK(id.index < size(), "there is no node %{} in a graph of {}", id.index, size());
  return nodes_[id.index];
}

NodeId Graph::input(const std::string& name, const Shape& shape) {
  for (const auto& [other, id] : inputs_) {
    if (other != name) continue;
    DUEL_CHECK((*this)[id].shape == shape, "input '{}' is declared as {} and as {}", name, to_string((*this)[id].shape),
               to_string(shape));
    return id;
  }
  const NodeId id = add(input_op(), {}, {{"name", name}, {"shape", extents(shape)}});
  inputs_.emplace_back(name, id);
  return id;
}

NodeId Graph::variable(const std::string& name, const Shape& shape) {
  if (const Variable* known = find_variable(name)) {
    DUEL_CHECK(known->shape == shape, "variable '{}' is declared as {} and as {}", name, to_string(known->shape),
               to_string(shape));
    return known->latest;
  }
  const NodeId id = add(variable_op(), {}, {{"name", name}, {"shape", extents(shape)}});
  variable_index_.emplace(name, variables_.size());
  variables_.push_back({name, shape, id, id});
  return id;
}

NodeId Graph::assign(const std::string& name, NodeId value) {
  const auto found = variable_index_.find(name);
  DUEL_CHECK(found != variable_index_.end(), "variable '{}' is assigned before it is declared", name);
  Variable& variable = variables_[found->second];
  DUEL_CHECK((*this)[value].shape == variable.shape, "variable '{}' of shape {} is assigned a value of shape {}", name,
             to_string(variable.shape), to_string((*this)[value].shape));
  const bool first = variable.latest == variable.initial;
  const int64_t version = first ? 1 : (*this)[variable.latest].attributes.integer("version") + 1;
  const NodeId inputs[] = {value};
  variable.latest = add(assign_op(), inputs, {{"name", name}, {"version", version}});
  return variable.latest;
}

const Variable* Graph::find_variable(std::string_view name) const {
  const auto found = variable_index_.find(name);
  return found == variable_index_.end() ? nullptr : &variables_[found->second];
}

void Graph::add_output(const std::string& name, NodeId node) {
  DUEL_CHECK(node.index < size(), "output '{}' refers to node %{} of {}", name, node.index, size());
  for (const Output& output : outputs_) DUEL_CHECK(output.name != name, "there are two outputs '{}'", name);
  outputs_.push_back({name, node});
}

std::vector<NodeId> Graph::roots() const {
  std::vector<NodeId> roots;
  const auto add_once = [&](NodeId id) {
    if (std::ranges::find(roots, id) == roots.end()) roots.push_back(id);
  };
  for (const Output& output : outputs_) add_once(output.node);
  for (const Variable& variable : variables_) {
    if (variable.latest != variable.initial) add_once(variable.latest);
  }
  return roots;
}

std::vector<NodeId> Graph::live_nodes() const {
  std::vector<bool> live(size(), false);
  for (const NodeId root : roots()) live[root.index] = true;
  // Inputs precede their users, so one walk from the end marks everything.
  for (std::size_t i = size(); i-- > 0;) {
    if (!live[i]) continue;
    for (const NodeId input : nodes_[i].inputs) live[input.index] = true;
  }
  std::vector<NodeId> nodes;
  for (uint32_t i = 0; i < size(); ++i) {
    if (live[i]) nodes.push_back({i});
  }
  return nodes;
}

}  // namespace duel
