// From gradients to updates of one player: accumulation, clipping, the optimizer. For framework/model's own sources.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/evaluator.hpp"

namespace duel {

struct WeightGradient {
  std::string weight;  // the variable
  Tensor gradient;
};

// Where in the step an update stands.
struct UpdateTurn {
  std::size_t turn = 0;        // index in played_turns: tells its host numbers from other turns'
  int64_t updates_before = 0;  // updates of the player earlier in this step
  bool apply = true;           // false: only accumulate
  std::string series;          // what its gradients are recorded as
};

void emit_updates(GraphParts& parts, const PlayerSpec& player, const UpdateTurn& turn,
                  std::vector<WeightGradient> gradients);

}  // namespace duel
