// Elementwise items, the broadcasts into them and the reductions out of them → groups, each of which one tile program
// computes in one walk over its space.
#pragma once

#include <vector>

#include "plan/items.hpp"

namespace duel {

struct Group {
  std::vector<int> members;  // operands before their readers
  Loops loops;               // over the space; every access of a member is made of them
  Access fold;               // of the reductions among the members; empty: there are none
};

// Each fusable item is in exactly one group. Stages are assigned before. May add spread items for operands whose
// pattern does not go along with the rest of a group.
std::vector<Group> fuse(Items& items);

}  // namespace duel
