#include "gradient/differentiate.hpp"

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

// Derivatives by node, for the nodes that existed when the walk began.
class ReverseWalk {
 public:
  ReverseWalk(Graph& graph, std::span<const Tensor> wrt)
      : graph_(graph), gradients_(graph.size()), is_leaf_(graph.size(), false), depends_(graph.size(), false) {
    for (const Tensor& leaf : wrt) is_leaf_[leaf.id().index] = true;
    for (uint32_t i = 0; i < depends_.size(); ++i) depends_[i] = is_leaf_[i] || leads_to_leaf(graph_[NodeId{i}]);
  }

  void accumulate(NodeId id, const Tensor& gradient) {
    if (!depends_[id.index]) return;
    DUEL_CHECK(gradient.shape() == graph_[id].shape, "the derivative by %{} = {} has the shape {} instead of {}",
               id.index, graph_[id].op->name, to_string(gradient.shape()), to_string(graph_[id].shape));
    if (constant_value(gradient) == 0.0) return;
    Tensor& total = gradients_[id.index];
    total = total ? total + gradient : gradient;
  }

  // Users follow their inputs, so a node's derivative is complete when the walk down comes to it.
  void run() {
    for (auto i = static_cast<uint32_t>(gradients_.size()); i-- > 0;) {
      if (gradients_[i] && !is_leaf_[i]) propagate(NodeId{i});
    }
  }

  Tensor result(const Tensor& leaf) const {
    const Tensor& gradient = gradients_[leaf.id().index];
    return gradient ? gradient : constant_like(leaf, 0);
  }

 private:
  bool leads_to_leaf(const Node& node) const {
    if (node.op->gradient == nullptr) return false;
    return std::ranges::any_of(node.inputs, [&](NodeId input) { return depends_[input.index]; });
  }

  void propagate(NodeId id) {
    const Node& node = graph_[id];
    std::vector<Tensor> inputs;
    const auto wanted = std::make_unique<bool[]>(node.inputs.size());  // a vector of bool makes no span
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      inputs.emplace_back(graph_, node.inputs[i]);
      wanted[i] = depends_[node.inputs[i].index];
    }
    const auto parts = node.op->gradient({.node = node,
                                          .inputs = inputs,
                                          .output = Tensor(graph_, id),
                                          .gradient = gradients_[id.index],
                                          .wanted = std::span<const bool>(wanted.get(), node.inputs.size())});
    DUEL_CHECK(parts.size() == node.inputs.size(), "the gradient rule of {} gives {} derivatives for {} inputs",
               node.op->name, parts.size(), node.inputs.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i]) accumulate(node.inputs[i], parts[i]);
    }
  }

  Graph& graph_;
  std::vector<Tensor> gradients_;
  std::vector<bool> is_leaf_;
  std::vector<bool> depends_;
};

}  // namespace

std::vector<Tensor> vector_jacobian(std::span<const Tensor> outputs, std::span<const Tensor> seeds,
                                    std::span<const Tensor> wrt) {
  DUEL_CHECK(!outputs.empty() && outputs.size() == seeds.size(), "{} outputs and {} seeds", outputs.size(),
             seeds.size());
  Graph& graph = outputs[0].graph();
  for (const auto tensors : {outputs, seeds, wrt}) {
    for (const Tensor& tensor : tensors) {
      DUEL_CHECK(tensor && &tensor.graph() == &graph, "a tensor to differentiate is empty or of another graph");
    }
  }
  ReverseWalk walk(graph, wrt);
  for (std::size_t i = 0; i < outputs.size(); ++i) walk.accumulate(outputs[i].id(), seeds[i]);
  walk.run();

  std::vector<Tensor> gradients;
  for (const Tensor& leaf : wrt) gradients.push_back(walk.result(leaf));
  return gradients;
}

std::vector<Tensor> differentiate(const Tensor& scalar, std::span<const Tensor> wrt) {
  DUEL_CHECK(scalar && scalar.shape().elements() == 1, "only a single number can be differentiated");
  const Tensor outputs[] = {scalar};
  const Tensor seeds[] = {constant_like(scalar, 1)};
  return vector_jacobian(outputs, seeds, wrt);
}

}  // namespace duel
