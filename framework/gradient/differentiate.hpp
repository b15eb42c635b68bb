// Reverse-mode differentiation, graph to graph.
#pragma once

#include <span>
#include <vector>

#include "graph/tensor.hpp"

namespace duel {

// d(scalar)/d(wrt_i) as new nodes of the same graph, each of wrt_i's shape; zeros (a constant) where the scalar does
// not depend on wrt_i. `scalar` has one element. Nodes in wrt are the independent variables: nothing before them is
// looked at, and no gradient is computed for anything that does not lead to one of them. Applying it to a graph
// that holds gradients gives higher orders.
std::vector<Tensor> differentiate(const Tensor& scalar, std::span<const Tensor> wrt);

// Σ_i of d(outputs_i)/d(wrt) contracted with seeds_i: the vector-Jacobian product that differentiate is a case of.
std::vector<Tensor> vector_jacobian(std::span<const Tensor> outputs, std::span<const Tensor> seeds,
                                    std::span<const Tensor> wrt);

}  // namespace duel
