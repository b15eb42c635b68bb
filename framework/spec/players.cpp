#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "spec/readers.hpp"
#include "spec/sections.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

std::vector<TermSpec> read_terms(const YamlNode& node, ReadContext context) {
  std::vector<TermSpec> terms;
  const auto read_term = [&](const YamlNode& item, ReadContext inner) {
    const auto written = written_component(item, inner, "loss");
    if (!written) return;
    auto loss = context.registry.losses.read(*written, inner);
    if (loss != nullptr) terms.push_back({written->kind, std::move(loss), written->where, inner.path});
  };
  if (!node.is_sequence()) {
    read_term(node, context);  // a lone term needs no list
    return terms;
  }
  if (node.items.empty()) context.problem(node, "a loss needs at least one term");
  for (std::size_t i = 0; i < node.items.size(); ++i) read_term(node.items[i], context.child(i));
  return terms;
}

// A map of lists is several named losses; a map of one registered kind is a lone term.
bool is_named_losses(const YamlNode& node, const Registry& registry) {
  if (!node.is_map()) return false;
  return node.entries.size() != 1 || registry.losses.find(node.entries.front().key) == nullptr;
}

std::vector<LossSpec> read_losses(const YamlNode& node, ReadContext context) {
  if (!is_named_losses(node, context.registry)) return {{"", read_terms(node, context)}};
  std::vector<LossSpec> losses;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (check_name(entry, inner)) losses.push_back({entry.key, read_terms(entry.value, inner)});
  }
  return losses;
}

struct TurnReader {
  const std::vector<PlayerSpec>& players;
  PhaseSpec& phase;

  // `player`, `player.loss`, `player: repeats`
  void read(const YamlNode& item, ReadContext& context) const {
    std::string name;
    int64_t repeats = 1;
    Position where = item.where;
    if (item.is_scalar()) {
      name = item.text;
    } else if (item.is_map() && item.entries.size() == 1) {
      name = item.entries[0].key;
      where = item.entries[0].where;
      ParameterInfo info;
      info.minimum = 1;
      info.maximum = 1000;
      ReadContext inner = context.child(name);
      if (!ParameterType<int64_t>::read(repeats, item.entries[0].value, inner, info)) return;
    } else {
      context.problem(item, "expected a turn, found " + describe(item), "write `player` or `player: repeats`");
      return;
    }
    add(name, repeats, where, context);
  }

  void add(const std::string& name, int64_t repeats, const Position& where, ReadContext& context) const {
    const std::size_t dot = name.find('.');
    const std::string player_name = name.substr(0, dot);
    const auto player = std::find_if(players.begin(), players.end(),
                                     [&](const PlayerSpec& candidate) { return candidate.name == player_name; });
    if (player == players.end()) {
      std::vector<std::string> known;
      for (const PlayerSpec& candidate : players) known.push_back(candidate.name);
      context.problems.add(where, context.path, fmt::format("no player is called '{}'", player_name),
                           suggestion(player_name, known));
      return;
    }
    const auto index = static_cast<std::size_t>(player - players.begin());
    if (dot == std::string::npos) {  // all of its losses, one a turn
      for (std::size_t loss = 0; loss < player->losses.size(); ++loss) phase.turns.push_back({index, loss, repeats});
      return;
    }
    std::vector<std::string> known;
    for (std::size_t loss = 0; loss < player->losses.size(); ++loss) {
      known.push_back(player->losses[loss].name);
      if (known.back() == name.substr(dot + 1)) {
        phase.turns.push_back({index, loss, repeats});
        return;
      }
    }
    context.problems.add(where, context.path,
                         fmt::format("the player '{}' has no loss '{}'", player_name, name.substr(dot + 1)),
                         suggestion(name.substr(dot + 1), known));
  }
};

// A player or a loss that is never played is a slip of the pen.
void check_all_play(const YamlNode& node, const ReadContext& context, const std::vector<PlayerSpec>& players,
                    const std::vector<PhaseSpec>& phases) {
  const auto plays = [&](std::size_t player, std::size_t loss) {
    return std::ranges::any_of(phases, [&](const PhaseSpec& phase) {
      return phase.simultaneous || std::ranges::any_of(phase.turns, [&](const TurnSpec& turn) {
               return turn.player == player && turn.loss == loss;
             });
    });
  };
  for (std::size_t player = 0; player < players.size(); ++player) {
    for (std::size_t loss = 0; loss < players[player].losses.size(); ++loss) {
      if (plays(player, loss)) continue;
      const std::string& name = players[player].losses[loss].name;
      context.problem(node, fmt::format("'{}{}' has no turn{}", players[player].name, name.empty() ? "" : "." + name,
                                        phases.size() > 1 ? " in any phase" : ""));
    }
  }
}

// Both a phase and `train` itself say how long, and whose turn it is.
template <class Section>
PhaseSpec read_phase(const Section& section, const YamlNode& node, ReadContext& context,
                     const std::vector<PlayerSpec>& players) {
  PhaseSpec out;
  out.where = node.where;
  out.path = context.path;
  out.steps = section.steps;
  out.epochs = section.epochs;
  const bool has_steps = node.find("steps") != nullptr;
  const YamlNode::Entry* epochs = node.find_entry("epochs");
  if (epochs != nullptr) out.epochs_where = epochs->where;
  if (has_steps == (epochs != nullptr)) {
    context.problem(node, has_steps ? "both 'steps' and 'epochs' are given" : "'steps' or 'epochs' is missing",
                    "say how long to train by one of them");
  }
  out.redraw_each_turn = section.redraw == "turn";
  ReadContext inner = context.child("turns");
  const YamlNode& turns = section.turns;
  out.simultaneous = turns.is_null() || (turns.is_scalar() && turns.text == "simultaneous");
  if (!out.simultaneous && (!turns.is_sequence() || turns.items.empty())) {
    inner.problem(turns, "expected `simultaneous` or a list of turns, found " + describe(turns));
    out.simultaneous = true;
    return out;
  }
  const std::size_t problems_before = context.problems.size();
  const TurnReader reader{players, out};
  for (std::size_t i = 0; i < turns.items.size(); ++i) {
    ReadContext item = inner.child(i);
    reader.read(turns.items[i], item);
  }
  if (context.problems.size() != problems_before) out.simultaneous = true;  // who has no turn is not known
  return out;
}

// What the phases say is not said a second time.
void refuse_beside_phases(const YamlNode& train, const ReadContext& context) {
  for (const char* key : {"steps", "epochs", "turns", "redraw"}) {
    if (const YamlNode::Entry* entry = train.find_entry(key)) {
      context.problems.add(entry->where, join_path(context.path, key),
                           fmt::format("'{}' and 'phases' are given together", key),
                           fmt::format("leave it away: each phase has its own, as train.phases[0].{}", key));
    }
  }
}

std::vector<PhaseSpec> read_phases(const YamlNode& node, ReadContext context, const std::vector<PlayerSpec>& players) {
  std::vector<PhaseSpec> out;
  if (!node.is_sequence() || node.items.empty()) {
    context.problem(node, "expected a list of phases, found " + describe(node),
                    "write `phases: [{steps: 500, turns: […]}, {steps: 1000}]`");
    return out;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    ReadContext inner = context.child(i);
    const YamlNode& item = node.items[i];
    if (!item.is_map()) {
      inner.problem(item, "expected a phase, found " + describe(item), "give it `steps` or `epochs`, and `turns`");
      out.emplace_back();  // who has no turn is not known
      continue;
    }
    const auto section = read_section<PhaseSection>(item, inner);
    PhaseSpec phase = read_phase(section, item, inner, players);
    phase.name = section.name;
    const bool taken = !phase.name.empty() && std::ranges::find(out, phase.name, &PhaseSpec::name) != out.end();
    if (taken) inner.problem(*item.find("name"), fmt::format("another phase is called '{}'", phase.name));
    out.push_back(std::move(phase));
  }
  return out;
}

std::vector<UntilSpec> read_until(const YamlNode& node, ReadContext context) {
  std::vector<UntilSpec> out;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    UntilSpec until{{entry.key, entry.where, inner.path}, 0, UntilSpec::Side::better};
    if (entry.value.is_map()) {
      const auto section = read_section<ThresholdSection>(entry.value, inner);
      if (section.above.has_value() == section.below.has_value()) {
        inner.problem(entry.value, "expected one of 'above' and 'below'");
        continue;
      }
      until.threshold = section.above ? *section.above : *section.below;
      until.side = section.above ? UntilSpec::Side::above : UntilSpec::Side::below;
    } else if (!ParameterType<double>::read(until.threshold, entry.value, inner, {})) {
      continue;
    }
    out.push_back(std::move(until));
  }
  return out;
}

CollapseSpec read_collapse(const YamlNode& node, const ReadContext& context) {
  using Action = CollapseSpec::Action;
  const auto section = read_section<CollapseSection>(node, context);
  const Action action = section.action == "off"    ? Action::off
                        : section.action == "warn" ? Action::warn
                        : section.action == "stop" ? Action::stop
                                                   : Action::rollback;
  return {action, section.window, section.discriminator_loss, section.gradient, section.diversity};
}

EarlyStopSpec read_early_stop(const YamlNode& node, ReadContext context) {
  const auto section = read_section<EarlyStopSection>(node, context);
  const YamlNode* metric = node.find("metric");
  return {
      {section.metric, metric != nullptr ? metric->where : node.where, context.path}, section.patience, section.least};
}

}  // namespace

std::vector<PlayerSpec> read_players(const YamlNode& node, ReadContext context) {
  std::vector<PlayerSpec> players;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (!check_name(entry, inner)) continue;
    if (!entry.value.is_map()) {
      inner.problem(entry.value, "expected a player, found " + describe(entry.value),
                    "give it `updates`, `optimizer` and `loss`");
      continue;
    }
    const auto section = read_section<PlayerSection>(entry.value, inner);
    PlayerSpec player{entry.key, section.updates, nullptr, {}, entry.where};
    if (!section.optimizer.is_null()) {
      ReadContext optimizer = inner.child("optimizer");
      player.optimizer = context.registry.optimizers.read(section.optimizer, optimizer);
    }
    if (!section.loss.is_null()) player.losses = read_losses(section.loss, inner.child("loss"));
    players.push_back(std::move(player));
  }
  return players;
}

TrainSpec read_train(const YamlNode& node, ReadContext context, const std::vector<PlayerSpec>& players) {
  TrainSpec out;
  const auto section = read_section<TrainSection>(node, context);
  out.log_every = section.log_every;
  out.on_divergence = section.on_divergence;
  if (!section.on_collapse.is_null()) {
    out.on_collapse = read_collapse(section.on_collapse, context.child("on_collapse"));
  }
  if (!section.until.is_null()) out.until = read_until(section.until, context.child("until"));
  if (!section.early_stop.is_null()) out.early_stop = read_early_stop(section.early_stop, context.child("early_stop"));
  const YamlNode* phases = node.find("phases");
  if (phases != nullptr) {
    refuse_beside_phases(node, context);
    out.phases = read_phases(*phases, context.child("phases"), players);
  } else {
    out.phases.push_back(read_phase(section, node, context, players));
  }
  const YamlNode& place = phases != nullptr ? *phases : section.turns;
  check_all_play(place, context.child(phases != nullptr ? "phases" : "turns"), players, out.phases);
  return out;
}

}  // namespace duel
