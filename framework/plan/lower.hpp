// Items and groups → steps with kernels, and the values that lie between them.
#pragma once

#include "plan/draft.hpp"
#include "plan/fuse.hpp"

namespace duel {

// Values that nobody reads outside of the tile program that computes them get no memory. The draft's steps are in no
// particular order.
Draft lower(const Graph& graph, const Items& items, const std::vector<Group>& groups);

}  // namespace duel
