// Steps → launches: which steps run together, and in what order.
#pragma once

#include <vector>

#include "plan/draft.hpp"

namespace duel {

// The launch of each step. There are as few launches as the longest chain of steps has links; within that, a step
// whose results take more memory than it sets free runs as late as it can.
std::vector<int> order_steps(const Draft& draft);

}  // namespace duel
