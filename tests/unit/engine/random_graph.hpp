// Random valid graphs over every kind of op, with variables that are assigned and read again.
#pragma once

#include <map>
#include <string>

#include "base/random.hpp"
#include "graph/graph.hpp"
#include "graph/op.hpp"

namespace duel {

struct RandomGraph {
  Graph graph;
  std::map<std::string, HostTensor> inputs;
  std::map<std::string, HostTensor> variables;
};

// `size` nodes or a few more; the same seed gives the same graph. Values stay of the order of 1, so that errors are
// those of rounding alone.
RandomGraph random_graph(uint64_t seed, int size, DType dtype);

HostTensor random_tensor(RandomStream& stream, const Shape& shape);

}  // namespace duel
