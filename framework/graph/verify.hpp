// Checks what every stage relies on: inputs precede their users, shapes are what the ops' rules say, arity fits,
// variables' versions form a chain, outputs exist. Throws InternalError naming the node. Run after every stage in
// debug builds and tests.
#pragma once

#include "graph/graph.hpp"

namespace duel {

void verify_graph(const Graph& graph);

}  // namespace duel
