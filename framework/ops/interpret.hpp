// Runs a graph by the ops' reference meanings, in double precision, one node after another. Slow and plain: what the
// engine is checked against.
#pragma once

#include <map>
#include <string>

#include "graph/op.hpp"

namespace duel {

struct Interpretation {
  std::map<std::string, HostTensor> outputs;
  std::map<std::string, HostTensor> variables;  // after the step
};

// `inputs` and `variables` by name, with the shapes that the graph declares.
Interpretation interpret(const Graph& graph, const std::map<std::string, HostTensor>& inputs,
                         const std::map<std::string, HostTensor>& variables, const ReferenceContext& context = {});

}  // namespace duel
