// Which turns a step has, and which of its terms and updates are conditional.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/step.hpp"

namespace duel {

// The turns of a step in order, as build_step plays them: those of the same `group` are simultaneous.
struct PlayedTurn {
  std::size_t player = 0;
  std::size_t loss = 0;
  int64_t repeat = 0;
  int64_t group = 0;
};
std::vector<PlayedTurn> played_turns(const Experiment& experiment);

// discriminator.loss, or discriminator.NAME.loss where the loss has a name.
std::string loss_name(const Experiment& experiment, const PlayedTurn& turn);
// What each step records (StepGraph::metrics): the losses in the order of the turns, then `metrics:`; each once.
std::vector<std::string> recorded_names(const Experiment& experiment);

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

// What every step asks about its turns, counted once, so that asking allocates nothing. The experiment must outlive it.
class StepCounts {
 public:
  explicit StepCounts(const Experiment& experiment);

  // Batches of data that each step draws.
  int64_t batches() const { return batches_; }
  // Updates that a player of the experiment has done before `step`.
  int64_t updates_before(const PlayerSpec& player, int64_t step) const;
  // Sets `variant` to that of `step`; allocates only when it was of another experiment.
  void find_variant(int64_t step, int64_t batch, StepVariant& variant) const;
  StepVariant variant(int64_t step, int64_t batch) const;

 private:
  const Experiment& experiment_;
  std::vector<Condition> conditions_;
  std::vector<int64_t> turns_;  // of each player in a step
  int64_t batches_ = 0;
};

}  // namespace duel
