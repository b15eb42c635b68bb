// Which turns a step has, and which of its terms and updates are conditional. For framework/model's own sources.
#pragma once

#include <cstdint>
#include <vector>

#include "model/step.hpp"

namespace duel {

// Something that is not done in every step: a lazy term, or the update at the end of an accumulation.
struct Condition {
  const TermSpec* term = nullptr;  // of a lazy term; else null
  std::size_t turn = 0;            // of an accumulating turn: its index in played_turns
  int64_t every = 1;
  int64_t per_step = 1;  // how many times a step the thing counted happens,
  int64_t offset = 0;    // and which of these this is
  bool due(int64_t step) const;
};
// In a fixed order: that of StepVariant::due.
std::vector<Condition> conditions(const Experiment& experiment);

bool term_is_due(const std::vector<Condition>& all, const StepVariant& variant, const TermSpec& term);
bool update_is_due(const std::vector<Condition>& all, const StepVariant& variant, std::size_t turn);

}  // namespace duel
