// Which turns a step has, and which of its terms and updates are conditional.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/step.hpp"

namespace duel {

// The turns of a step of that phase in order, as build_step plays them: those of the same `group` are simultaneous.
struct PlayedTurn {
  std::size_t player = 0;
  std::size_t loss = 0;
  int64_t repeat = 0;
  int64_t group = 0;
};
std::vector<PlayedTurn> played_turns(const Experiment& experiment, std::size_t phase = 0);
// Batches of data that each step of the phase draws.
int64_t batches_of_step(const Experiment& experiment, std::size_t phase = 0);

// discriminator.loss, or discriminator.NAME.loss where the loss has a name.
std::string loss_name(const Experiment& experiment, const PlayedTurn& turn);
// Likewise discriminator.gradient, discriminator.NAME.gradient: the mean absolute value of the gradient of that loss,
// over all elements of the weights that it moves, before it is accumulated or clipped.
std::string gradient_name(const Experiment& experiment, const PlayedTurn& turn);

// What the graph of a step of the phase gives to be recorded: its losses in the order of their turns, then `metrics:`;
// each once.
std::vector<std::string> computed_names(const Experiment& experiment, std::size_t phase);
// What a training records: the losses of all phases, `metrics:`, and the gradients of all losses, which `metrics:` may
// hide. What a phase does not play has no value in its steps.
std::vector<std::string> recorded_names(const Experiment& experiment);

// Something that is not done in every step: a lazy term, or the update at the end of an accumulation.
struct Condition {
  const TermSpec* term = nullptr;  // of a lazy term; else null
  std::size_t turn = 0;            // of an accumulating turn: its index in played_turns,
  std::size_t player = 0;          // its player,
  int64_t offset = 0;              // and which of the player's turns in the step it is
  int64_t every = 1;
  // `turns`: what each player has played before the step.
  bool due(int64_t step, std::span<const int64_t> turns) const;
};
// In a fixed order: that of StepVariant::due.
std::vector<Condition> conditions(const Experiment& experiment, std::size_t phase = 0);
// The variant in which all terms and updates are due.
StepVariant whole_variant(const Experiment& experiment, int64_t batch, std::size_t phase = 0);

bool term_is_due(const std::vector<Condition>& all, const StepVariant& variant, const TermSpec& term);
bool update_is_due(const std::vector<Condition>& all, const StepVariant& variant, std::size_t turn);

// What has been done before a step.
struct StepPlace {
  int64_t step = 0;            // steps
  int64_t batches = 0;         // batches of data drawn
  std::vector<int64_t> turns;  // played by each player of the experiment, all its losses together
  bool operator==(const StepPlace&) const = default;
};

// What every step asks about its turns, counted once, so that asking allocates nothing. The experiment must outlive it.
class StepCounts {
 public:
  // `phase_steps`: the steps of each phase; the last one goes on behind them.
  StepCounts(const Experiment& experiment, std::vector<int64_t> phase_steps);
  // Of an experiment of one phase, or whose phases all count steps.
  explicit StepCounts(const Experiment& experiment);

  std::size_t phase(int64_t step) const;
  // Batches of data that each step of the phase draws.
  int64_t batches(std::size_t phase = 0) const { return phases_[phase].batches; }
  // Before `step` of a training that has gone through the phases as they are.
  StepPlace place(int64_t step) const;
  // Moves `place` past its step.
  void advance(StepPlace& place) const;

  // Updates that a player of the experiment has done.
  int64_t updates(const PlayerSpec& player, const StepPlace& place) const;
  int64_t updates_before(const PlayerSpec& player, int64_t step) const { return updates(player, place(step)); }
  // Sets `variant` to that of the step; allocates only when it was of another phase or experiment.
  void find_variant(const StepPlace& place, int64_t batch, StepVariant& variant) const;
  StepVariant variant(int64_t step, int64_t batch) const;

 private:
  struct Phase {
    int64_t begin = 0;  // its first step
    std::vector<Condition> conditions;
    std::vector<int64_t> turns;  // of each player in a step
    int64_t batches = 0;
  };

  const Experiment& experiment_;
  std::vector<Phase> phases_;
};

}  // namespace duel
