// A handle on a node of a graph: what layers, losses and gradient rules compute with. Cheap to copy; valid as long as
// the graph stays where it is. A default-constructed Tensor is empty.
#pragma once

#include "graph/graph.hpp"

namespace duel {

class Tensor {
 public:
  Tensor() = default;
  Tensor(Graph& graph, NodeId id) : graph_(&graph), id_(id) {}

  explicit operator bool() const { return graph_ != nullptr; }
  Graph& graph() const;  // fails a check when empty, as do node, shape and rank
  NodeId id() const { return id_; }
  const Node& node() const { return graph()[id_]; }
  const Shape& shape() const { return node().shape; }
  int rank() const { return shape().rank(); }
  bool operator==(const Tensor&) const = default;

 private:
  Graph* graph_ = nullptr;
  NodeId id_;
};

}  // namespace duel
