#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"
#include "graph/print.hpp"
#include "model/check.hpp"
#include "model/turns.hpp"
#include "plan/plan.hpp"
#include "tools/command.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

struct ShowOptions {
  std::string file;
  std::vector<std::string> overrides;
  std::string phase;
  bool origin = false;
  bool graph = false;
  bool graphviz = false;
  bool plan = false;
};

// 1234567 → "1.23 M"
std::string short_count(double count) {
  if (count < 1e3) return fmt::format("{:.0f}", count);
  if (count < 1e6) return fmt::format("{:.1f} k", count / 1e3);
  if (count < 1e9) return fmt::format("{:.2f} M", count / 1e6);
  return fmt::format("{:.2f} G", count / 1e9);
}

std::string network_table(const NetworkSpec& network, DType dtype) {
  std::string text =
      fmt::format("\n{}\n  {:<24} {:<18} {:>12} {:>10}\n", network.name, "layer", "output", "parameters", "FLOPs");
  for (const auto& [name, shape] : network.inputs) {
    text += fmt::format("  {:<24} {:<18}\n", name + " (input)", to_string(shape));
  }
  int64_t parameters = 0;
  double flops = 0;
  for (const LayerRow& row : layer_table(network, dtype)) {
    text += fmt::format("  {:<24} {:<18} {:>12} {:>10}\n", row.name, to_string(row.output), row.parameters,
                        short_count(row.flops));
    parameters += row.parameters;
    flops += row.flops;
  }
  return text + fmt::format("  {:<24} {:<18} {:>12} {:>10}\n", "total", "", parameters, short_count(flops));
}

std::string length_of(const PhaseSpec& phase) {
  const double length = phase.steps ? static_cast<double>(*phase.steps) : phase.epochs.value_or(0);
  return fmt::format("{} {}{}", format_number(length), phase.steps ? "step" : "epoch", length == 1 ? "" : "s");
}

std::string turns_of(const Experiment& experiment, std::size_t phase) {
  if (experiment.train.phases[phase].simultaneous) return "simultaneous";
  std::vector<std::string> turns;
  for (const PlayedTurn& turn : played_turns(experiment, phase)) {
    const std::string loss = loss_name(experiment, turn);
    const std::string name = loss.substr(0, loss.rfind(".loss"));
    if (turn.repeat == 0) {
      turns.push_back(name);
    } else {
      turns.back() = fmt::format("{}: {}", name, turn.repeat + 1);
    }
  }
  return fmt::format("{}", fmt::join(turns, ", "));
}

// Nothing for a training that is the same all the way.
std::string phase_table(const Experiment& experiment) {
  const auto& phases = experiment.train.phases;
  if (phases.size() < 2) return {};
  std::string text = fmt::format("\n{:<4} {:<16} {:<14} turns\n", "", "phase", "length");
  for (std::size_t i = 0; i < phases.size(); ++i) {
    text += fmt::format("{:<4} {:<16} {:<14} {}\n", i, phases[i].name, length_of(phases[i]), turns_of(experiment, i));
  }
  return text;
}

// Number or name of a phase, as the table has them.
std::size_t find_phase(const Experiment& experiment, const std::string& asked) {
  const auto& phases = experiment.train.phases;
  if (const auto named = std::ranges::find(phases, asked, &PhaseSpec::name); !asked.empty() && named != phases.end()) {
    return static_cast<std::size_t>(named - phases.begin());
  }
  const auto number = asked.empty() ? std::optional<int64_t>(0) : parse_integer(asked);
  if (number && *number >= 0 && *number < std::max<int64_t>(1, std::ssize(phases))) {
    return static_cast<std::size_t>(*number);
  }
  throw UserError(ExitCode::experiment, fmt::format("the training has no phase '{}'", asked),
                  fmt::format("it has {}, counted from 0", phases.size()));
}

// The graph of the phase's steps; of the first step, for the first phase.
StepGraph step_of_phase(const Experiment& experiment, const std::string& asked) {
  ModelOptions model;
  model.dtype = experiment.engine.precision;
  model.fields = known_data(experiment).fields;
  experiment.require_training();
  const std::size_t phase = find_phase(experiment, asked);
  const std::vector<int64_t> turns(experiment.players.size());
  StepVariant variant = whole_variant(experiment, experiment.data.batch, phase);
  const std::vector<Condition> all = conditions(experiment, phase);
  for (std::size_t i = 0; i < all.size(); ++i) variant.due[i] = all[i].due(0, turns);
  return build_step(experiment, model, variant);
}

int show(const ShowOptions& options, const Registry& registry) {
  const Document document = document_of(options.file, options.overrides);
  const auto experiment = checked_experiment(document, registry);
  if (options.graph) {
    print_out(print_graph(step_of_phase(*experiment, options.phase).graph));
  } else if (options.graphviz) {
    print_out(print_graphviz(step_of_phase(*experiment, options.phase).graph));
  } else if (options.plan) {
    print_out(print_plan(make_plan(step_of_phase(*experiment, options.phase).graph)));
  } else {
    print_out("# Defaults are left out; 'duel help NAME' tells them.\n");
    print_out(to_yaml(document.root, options.origin));
    for (const NetworkSpec& network : experiment->networks) {
      print_out(network_table(network, experiment->engine.precision));
    }
    print_out(phase_table(*experiment));
  }
  return 0;
}

}  // namespace

void add_show_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "print the resolved experiment and its layers");
  command->add_option("experiment", options->file, "experiment file, or run folder")->required();
  command->add_option("overrides", options->overrides, "key.path=value, ~key.path");
  const std::vector<CLI::Option*> views{
      command->add_flag("--origin", options->origin, "say of each value which file, line or override set it"),
      command->add_flag("--graph", options->graph, "print the graph of a step instead"),
      command->add_flag("--graphviz", options->graphviz, "print that graph for `dot`"),
      command->add_flag("--plan", options->plan, "print the kernels and memory of a step instead")};
  command->add_option("--phase", options->phase, "of a step of this phase of the training: name or number, from 0");
  for (CLI::Option* view : views) {
    for (CLI::Option* other : views) {
      if (other != view) view->excludes(other);
    }
  }
  command->callback([options, &line] { line.run = [options, &line] { return show(*options, line.registry); }; });
}

}  // namespace duel
