// A step of training as one graph of tensor operations in SSA form. Nodes are immutable and hash-consed: asking twice
// for the same op on the same inputs gives the same node, so common subexpressions cost nothing. Nodes only ever refer
// to nodes made before them, so node order is a topological order.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/dtype.hpp"
#include "base/shape.hpp"
#include "graph/attributes.hpp"

namespace duel {

struct Op;

struct NodeId {
  uint32_t index = UINT32_MAX;
  auto operator<=>(const NodeId&) const = default;
};

struct Node {
  const Op* op = nullptr;
  std::vector<NodeId> inputs;
  Attributes attributes;
  Shape shape;
  DType dtype = DType::float32;
};

// State that outlives a step: a weight, a running statistic, a moment of an optimizer. Its storage belongs to whoever
// runs the graph; the graph knows name, shape and the order of its versions.
struct Variable {
  std::string name;  // generator/dense_1/weight
  Shape shape;
  NodeId initial;  // what the step starts with
  NodeId latest;   // what it holds after the last assignment so far; == initial when never assigned
};

// A result that whoever runs the graph reads after a step.
struct Output {
  std::string name;
  NodeId node;
};

// Not thread-safe while being built. Graphs can be moved; Tensor handles refer to a graph's address, so a graph is
// moved only when no handle is in use.
class Graph {
 public:
  explicit Graph(DType dtype = DType::float32) : dtype_(dtype) {}

  // The element type of every floating-point node made by default.
  DType dtype() const { return dtype_; }

  // The node for `op` on `inputs`: an existing one, or a new one whose shape the op's rule gives. A shape rule that
  // refuses throws ShapeError.
  NodeId add(const Op& op, std::span<const NodeId> inputs, Attributes attributes = {});

  const Node& operator[](NodeId id) const;
  std::size_t size() const { return nodes_.size(); }

  // A source that is written before each step by whoever runs the graph: a data field, a schedule's present value.
  NodeId input(const std::string& name, const Shape& shape);
  const std::vector<std::pair<std::string, NodeId>>& inputs() const { return inputs_; }

  // Declares a variable, or returns its latest version if it is declared already (with the same shape).
  NodeId variable(const std::string& name, const Shape& shape);
  // Makes `value` the next version; returns the node to read it by. Reads before and after are different nodes.
  NodeId assign(const std::string& name, NodeId value);
  const Variable* find_variable(std::string_view name) const;
  const std::deque<Variable>& variables() const { return variables_; }

  void add_output(const std::string& name, NodeId node);
  const std::vector<Output>& outputs() const { return outputs_; }

  // What must be computed: the outputs and the latest version of every assigned variable.
  std::vector<NodeId> roots() const;
  // The nodes that the roots need, in topological order.
  std::vector<NodeId> live_nodes() const;

 private:
  DType dtype_;
  std::deque<Node> nodes_;
  std::unordered_multimap<std::size_t, NodeId> by_hash_;
  std::vector<std::pair<std::string, NodeId>> inputs_;
  std::deque<Variable> variables_;
  std::map<std::string, std::size_t, std::less<>> variable_index_;
  std::vector<Output> outputs_;
};

}  // namespace duel
