#include "spec/read.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "base/text.hpp"
#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

std::vector<ValueSpec> read_expressions(const YamlNode& node, ReadContext context, bool names_are_values) {
  std::vector<ValueSpec> out;
  if (node.is_null()) return out;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (names_are_values && !check_name(entry, inner)) continue;
    out.push_back({entry.key, read_expression(entry.value, inner), entry.where, inner.path});
  }
  return out;
}

std::vector<AverageSpec> read_averages(const YamlNode& node, ReadContext context) {
  std::vector<AverageSpec> out;
  if (node.is_null()) return out;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    const auto section = read_section<AverageSection>(entry.value, inner);
    if (section.half_life && entry.value.find("decay") != nullptr) {
      inner.problem(entry.value, "both 'decay' and 'half_life' are given", "say how fast it forgets by one of them");
    }
    out.push_back({entry.key, section.decay, section.start, section.half_life, section.rampup});
  }
  return out;
}

CheckpointSpec read_checkpoint(const YamlNode& node, ReadContext context, const TrainSpec& train) {
  const auto section = read_section<CheckpointSection>(node, context);
  CheckpointSpec out;
  out.keep = section.keep;
  if (!section.best.empty()) {
    out.best = MetricName{section.best, node.find("best")->where, context.child("best").path};
  }
  if (section.every) {
    out.every = *section.every;
  } else if (const auto steps = train.steps()) {
    out.every = {static_cast<double>(std::max<int64_t>(1, *steps / 10)), false};
  } else if (const auto epochs = train.epochs()) {
    out.every = {std::max(1.0, *epochs / 10), true};
  }
  return out;
}

EngineSpec read_engine(const YamlNode& node, ReadContext context) {
  const auto section = read_section<EngineSection>(node, context);
  EngineSpec out;
  out.threads = section.threads;
  out.precision = section.precision == "float64" ? DType::float64 : DType::float32;
  if (!section.memory.empty()) {
    out.memory = parse_bytes(section.memory);
    if (!out.memory) {
      context.child("memory").problem(*node.find("memory"), fmt::format("'{}' is no amount of memory", section.memory),
                                      "write `512 MiB` or `4 GiB`");
    }
  }
  return out;
}

// An experiment may be there for its networks alone. One that speaks of training says all that training needs.
void check_sections(const YamlNode& root, const ReadContext& context) {
  const auto given = [&](const char* key) { return root.find(key) != nullptr; };
  if (!std::ranges::any_of(std::array{"players", "train", "metrics", "sample", "averages", "checkpoint"}, given))
    return;
  for (const char* needed : {"values", "players", "train"}) {
    if (given(needed)) continue;
    context.problem(root,
                    fmt::format("'{}' is missing ({})", needed, section_info<ExperimentSection>().find(needed)->help));
  }
}

template <class Spec>
const Spec* find_named(const std::vector<Spec>& specs, std::string_view name) {
  for (const Spec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

Experiment read_everything(const Document& document, const Registry& registry, Problems& problems,
                           std::vector<ReadContext::NamedPath>* paths) {
  std::vector<std::pair<std::string, Expression>> expressions;
  ReadContext context{registry, problems, "", Preset::keras, &expressions, paths};
  if (document.root.find("experiment") != nullptr && document.root.find("networks") == nullptr) {
    throw UserError(ExitCode::experiment, fmt::format("{} is a sweep, not an experiment", document.file),
                    fmt::format("see what it does: duel sweep {} --dry-run", document.file));
  }
  const auto section = read_section<ExperimentSection>(document.root, context);
  check_sections(document.root, context);
  context.preset = section.preset == "torch" ? Preset::torch : Preset::keras;

  Experiment out;
  out.name = section.name.empty() ? std::filesystem::path(document.file).stem().string() : section.name;
  out.description = section.description;
  out.seed = static_cast<uint64_t>(section.seed);
  out.data = read_data(section.data, context.child("data"));
  Blocks blocks = read_blocks(section.blocks, context.child("blocks"));
  context.blocks = &blocks;
  if (!section.networks.is_null()) out.networks = read_networks(section.networks, context.child("networks"));
  out.values = read_expressions(section.values, context.child("values"), true);
  if (!section.players.is_null()) out.players = read_players(section.players, context.child("players"));
  if (!section.train.is_null()) out.train = read_train(section.train, context.child("train"), out.players);
  out.metrics = read_expressions(section.metrics, context.child("metrics"), false);
  out.samples = read_samples(section.sample, context.child("sample"));
  out.evaluations = read_evaluations(section.evaluate, context.child("evaluate"));
  out.averages = read_averages(section.averages, context.child("averages"));
  out.checkpoint = read_checkpoint(section.checkpoint, context.child("checkpoint"), out.train);
  out.engine = read_engine(section.engine, context.child("engine"));
  check_names(out, expressions, document.root, context);
  return out;
}

void make_absolute(YamlNode& node, const ReadContext::NamedPath& path) {
  if (node.is_scalar() && node.where == path.where && node.text == path.written) node.text = path.meant.string();
  for (YamlNode& item : node.items) make_absolute(item, path);
  for (YamlNode::Entry& entry : node.entries) make_absolute(entry.value, path);
}

}  // namespace

const std::vector<YamlNode::Entry>& section_entries(const YamlNode& node, ReadContext& context) {
  if (!node.is_map()) context.problem(node, "expected a map of names, found " + describe(node));
  return node.entries;
}

bool check_name(const YamlNode::Entry& entry, ReadContext& context) {
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const bool good = !entry.key.empty() && std::all_of(entry.key.begin(), entry.key.end(), letter) &&
                    !std::isdigit(static_cast<unsigned char>(entry.key[0])) && entry.key != "data";
  if (!good) {
    context.problems.add(entry.where, context.path, fmt::format("'{}' cannot be a name", entry.key),
                         "names are letters, digits and _, do not begin with a digit, and `data` is taken");
  }
  return good;
}

const NetworkSpec* Experiment::find_network(std::string_view network) const { return find_named(networks, network); }
const ValueSpec* Experiment::find_value(std::string_view value) const { return find_named(values, value); }
const PlayerSpec* Experiment::find_player(std::string_view player) const { return find_named(players, player); }

std::optional<int64_t> TrainSpec::steps() const {
  int64_t sum = 0;
  for (const PhaseSpec& phase : phases) {
    if (!phase.steps) return std::nullopt;
    sum += *phase.steps;
  }
  return phases.empty() ? std::nullopt : std::optional(sum);
}

std::optional<double> TrainSpec::epochs() const {
  double sum = 0;
  for (const PhaseSpec& phase : phases) {
    if (!phase.epochs) return std::nullopt;
    sum += *phase.epochs;
  }
  return phases.empty() ? std::nullopt : std::optional(sum);
}

bool TrainSpec::counts_epochs() const {
  return std::ranges::any_of(phases, [](const PhaseSpec& phase) { return phase.epochs.has_value(); });
}

void Experiment::require_training() const {
  if (trains()) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("the experiment '{}' has no players, so there is nothing to train", name),
                  "give it `values`, `players` and `train`, or use its networks from another experiment");
}

std::vector<std::string> experiment_keys() {
  std::vector<std::string> keys = section_info<ExperimentSection>().parameter_names();
  keys.insert(std::find(keys.begin(), keys.end(), "data"), "vars");  // composition's own key
  return keys;
}

std::string portable_text(const Document& document, const Registry& registry) {
  Problems problems;
  std::vector<ReadContext::NamedPath> paths;
  read_everything(document, registry, problems, &paths);
  YamlNode root = document.root;
  for (const ReadContext::NamedPath& path : paths) make_absolute(root, path);
  return to_yaml(root);
}

Experiment read_experiment(const Document& document, const Registry& registry, Problems& problems) {
  return read_everything(document, registry, problems, nullptr);
}

}  // namespace duel
