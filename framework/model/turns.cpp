#include "model/turns.hpp"

#include <algorithm>
#include <map>

namespace duel {
namespace {

std::vector<int64_t> turns_of_players(const Experiment& experiment, std::size_t phase) {
  std::vector<int64_t> turns(experiment.players.size());
  for (const PlayedTurn& turn : played_turns(experiment, phase)) ++turns[turn.player];
  return turns;
}

std::vector<int64_t> stated_steps(const Experiment& experiment) {
  std::vector<int64_t> steps;
  for (const PhaseSpec& phase : experiment.train.phases) steps.push_back(phase.steps.value_or(0));
  return steps;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<PlayedTurn> played_turns(const Experiment& experiment, std::size_t phase) {
  const PhaseSpec& played = experiment.train.phases.at(phase);
  std::vector<PlayedTurn> turns;
  if (played.simultaneous) {
    for (std::size_t player = 0; player < experiment.players.size(); ++player) {
      for (std::size_t loss = 0; loss < experiment.players[player].losses.size(); ++loss) {
        turns.push_back({player, loss, 0, 0});
      }
    }
    return turns;
  }
  int64_t group = 0;
  for (const TurnSpec& turn : played.turns) {
    for (int64_t repeat = 0; repeat < turn.repeats; ++repeat)
      turns.push_back({turn.player, turn.loss, repeat, group++});
  }
  return turns;
}

int64_t batches_of_step(const Experiment& experiment, std::size_t phase) {
  int64_t batches = 0;
  if (experiment.data.train == nullptr) return batches;
  for (const PlayedTurn& turn : played_turns(experiment, phase)) batches = std::max(batches, turn.repeat + 1);
  return batches;
}

std::string loss_name(const Experiment& experiment, const PlayedTurn& turn) {
  const PlayerSpec& player = experiment.players[turn.player];
  const std::string& loss = player.losses[turn.loss].name;
  return loss.empty() ? player.name + ".loss" : fmt::format("{}.{}.loss", player.name, loss);
}

std::string gradient_name(const Experiment& experiment, const PlayedTurn& turn) {
  const std::string loss = loss_name(experiment, turn);
  return loss.substr(0, loss.rfind(".loss")) + ".gradient";
}

std::vector<std::string> recorded_names(const Experiment& experiment) {
  std::vector<std::string> names;
  std::vector<PlayedTurn> turns;
  for (std::size_t phase = 0; phase < experiment.train.phases.size(); ++phase) {
    for (const PlayedTurn& turn : played_turns(experiment, phase)) turns.push_back(turn);
  }
  for (const PlayedTurn& turn : turns) add_once(names, loss_name(experiment, turn));
  for (const ValueSpec& metric : experiment.metrics) add_once(names, metric.name);
  for (const PlayedTurn& turn : turns) add_once(names, gradient_name(experiment, turn));
  return names;
}

std::vector<std::string> computed_names(const Experiment& experiment, std::size_t phase) {
  std::vector<std::string> names;
  for (const PlayedTurn& turn : played_turns(experiment, phase)) add_once(names, loss_name(experiment, turn));
  for (const ValueSpec& metric : experiment.metrics) add_once(names, metric.name);
  return names;
}

bool Condition::due(int64_t step, std::span<const int64_t> turns) const {
  if (term != nullptr) return step % every == 0;
  return (turns[player] + offset + 1) % every == 0;
}

std::vector<Condition> conditions(const Experiment& experiment, std::size_t phase) {
  std::vector<Condition> out;
  for (const PlayerSpec& player : experiment.players) {
    for (const LossSpec& loss : player.losses) {
      for (const TermSpec& term : loss.terms) {
        if (term.loss->every > 1) out.push_back({&term, 0, 0, 0, term.loss->every});
      }
    }
  }
  const auto turns = played_turns(experiment, phase);
  std::map<std::size_t, int64_t> played;
  for (std::size_t turn = 0; turn < turns.size(); ++turn) {
    const std::size_t player = turns[turn].player;
    const int64_t every = experiment.players[player].optimizer->accumulate;
    const int64_t offset = played[player]++;
    if (every > 1) out.push_back({nullptr, turn, player, offset, every});
  }
  return out;
}

StepVariant whole_variant(const Experiment& experiment, int64_t batch, std::size_t phase) {
  return {batch, std::vector<bool>(conditions(experiment, phase).size(), true), phase};
}

bool term_is_due(const std::vector<Condition>& all, const StepVariant& variant, const TermSpec& term) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].term == &term) return variant.due[i];
  }
  return true;
}

bool update_is_due(const std::vector<Condition>& all, const StepVariant& variant, std::size_t turn) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].term == nullptr && all[i].turn == turn) return variant.due[i];
  }
  return true;
}

StepCounts::StepCounts(const Experiment& experiment, std::vector<int64_t> phase_steps) : experiment_(experiment) {
  int64_t begin = 0;
  for (std::size_t phase = 0; phase < experiment.train.phases.size(); ++phase) {
    phases_.push_back({begin, conditions(experiment, phase), turns_of_players(experiment, phase),
                       batches_of_step(experiment, phase)});
    begin += phase_steps.at(phase);
  }
}

StepCounts::StepCounts(const Experiment& experiment) : StepCounts(experiment, stated_steps(experiment)) {
  DUEL_CHECK(phases_.size() == 1 || experiment.train.steps(), "the steps of the phases are not known");
}

std::size_t StepCounts::phase(int64_t step) const {
  std::size_t phase = 0;
  while (phase + 1 < phases_.size() && step >= phases_[phase + 1].begin) ++phase;
  return phase;
}

StepPlace StepCounts::place(int64_t step) const {
  StepPlace out{step, 0, std::vector<int64_t>(experiment_.players.size())};
  for (std::size_t phase = 0; phase < phases_.size(); ++phase) {
    const int64_t end = phase + 1 < phases_.size() ? std::min(step, phases_[phase + 1].begin) : step;
    const int64_t steps = std::max<int64_t>(0, end - phases_[phase].begin);
    out.batches += steps * phases_[phase].batches;
    for (std::size_t player = 0; player < out.turns.size(); ++player) {
      out.turns[player] += steps * phases_[phase].turns[player];
    }
  }
  return out;
}

void StepCounts::advance(StepPlace& place) const {
  const Phase& played = phases_[phase(place.step)];
  ++place.step;
  place.batches += played.batches;
  for (std::size_t player = 0; player < place.turns.size(); ++player) place.turns[player] += played.turns[player];
}

int64_t StepCounts::updates(const PlayerSpec& player, const StepPlace& place) const {
  const auto index = static_cast<std::size_t>(&player - experiment_.players.data());
  return place.turns[index] / player.optimizer->accumulate;
}

void StepCounts::find_variant(const StepPlace& place, int64_t batch, StepVariant& variant) const {
  variant.phase = phase(place.step);
  const std::vector<Condition>& all = phases_[variant.phase].conditions;
  variant.batch = batch;
  variant.due.resize(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) variant.due[i] = all[i].due(place.step, place.turns);
}

StepVariant StepCounts::variant(int64_t step, int64_t batch) const {
  StepVariant found;
  find_variant(place(step), batch, found);
  return found;
}

}  // namespace duel
