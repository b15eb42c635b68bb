#include "model/turns.hpp"

#include <algorithm>
#include <map>

namespace duel {
namespace {

int64_t turns_of(const Experiment& experiment, std::size_t player) {
  int64_t count = 0;
  for (const PlayedTurn& turn : played_turns(experiment)) count += turn.player == player ? 1 : 0;
  return count;
}

}  // namespace

std::vector<PlayedTurn> played_turns(const Experiment& experiment) {
  std::vector<PlayedTurn> turns;
  if (experiment.train.simultaneous) {
    for (std::size_t player = 0; player < experiment.players.size(); ++player) {
      for (std::size_t loss = 0; loss < experiment.players[player].losses.size(); ++loss) {
        turns.push_back({player, loss, 0, 0});
      }
    }
    return turns;
  }
  int64_t group = 0;
  for (const TurnSpec& turn : experiment.train.turns) {
    for (int64_t repeat = 0; repeat < turn.repeats; ++repeat)
      turns.push_back({turn.player, turn.loss, repeat, group++});
  }
  return turns;
}

std::string loss_name(const Experiment& experiment, const PlayedTurn& turn) {
  const PlayerSpec& player = experiment.players[turn.player];
  const std::string& loss = player.losses[turn.loss].name;
  return loss.empty() ? player.name + ".loss" : fmt::format("{}.{}.loss", player.name, loss);
}

std::vector<std::string> recorded_names(const Experiment& experiment) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const PlayedTurn& turn : played_turns(experiment)) add(loss_name(experiment, turn));
  for (const ValueSpec& metric : experiment.metrics) add(metric.name);
  return names;
}

bool Condition::due(int64_t step) const {
  if (term != nullptr) return step % every == 0;
  return (step * per_step + offset + 1) % every == 0;
}

std::vector<Condition> conditions(const Experiment& experiment) {
  std::vector<Condition> out;
  for (const PlayerSpec& player : experiment.players) {
    for (const LossSpec& loss : player.losses) {
      for (const TermSpec& term : loss.terms) {
        if (term.loss->every > 1) out.push_back({&term, 0, term.loss->every, 1, 0});
      }
    }
  }
  const auto turns = played_turns(experiment);
  std::map<std::size_t, int64_t> played;
  for (std::size_t turn = 0; turn < turns.size(); ++turn) {
    const std::size_t player = turns[turn].player;
    const int64_t every = experiment.players[player].optimizer->accumulate;
    const int64_t offset = played[player]++;
    if (every > 1) out.push_back({nullptr, turn, every, turns_of(experiment, player), offset});
  }
  return out;
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

StepCounts::StepCounts(const Experiment& experiment)
    : experiment_(experiment), conditions_(conditions(experiment)), turns_(experiment.players.size()) {
  for (const PlayedTurn& turn : played_turns(experiment)) {
    ++turns_[turn.player];
    if (experiment.data.train != nullptr) batches_ = std::max(batches_, turn.repeat + 1);
  }
}

int64_t StepCounts::updates_before(const PlayerSpec& player, int64_t step) const {
  const auto index = static_cast<std::size_t>(&player - experiment_.players.data());
  return step * turns_[index] / player.optimizer->accumulate;
}

void StepCounts::find_variant(int64_t step, int64_t batch, StepVariant& variant) const {
  variant.batch = batch;
  variant.due.resize(conditions_.size());
  for (std::size_t i = 0; i < conditions_.size(); ++i) variant.due[i] = conditions_[i].due(step);
}

StepVariant StepCounts::variant(int64_t step, int64_t batch) const {
  StepVariant found;
  find_variant(step, batch, found);
  return found;
}

}  // namespace duel
