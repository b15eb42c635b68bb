// A graph as text and as Graphviz.
#pragma once

#include <string>

#include "graph/graph.hpp"

namespace duel {

// One line a live node: "%12 = matmul %3 %7 {transpose_b=true} : float32[64, 256]", then outputs and variables.
std::string print_graph(const Graph& graph);
// The same for `dot -Tsvg`.
std::string print_graphviz(const Graph& graph);

}  // namespace duel
