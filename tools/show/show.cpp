#include <CLI/CLI.hpp>

#include "graph/print.hpp"
#include "model/check.hpp"
#include "model/turns.hpp"
#include "plan/plan.hpp"
#include "tools/command.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

struct ShowOptions {
  std::string file;
  std::vector<std::string> overrides;
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

StepGraph first_step(const Experiment& experiment) {
  ModelOptions model;
  model.dtype = experiment.engine.precision;
  model.fields = known_data(experiment).fields;
  return build_step(experiment, model, StepCounts(experiment).variant(0, experiment.data.batch));
}

int show(const ShowOptions& options, const Registry& registry) {
  const Document document = document_of(options.file, options.overrides);
  const auto experiment = checked_experiment(document, registry);
  if (options.graph) {
    print_out(print_graph(first_step(*experiment).graph));
  } else if (options.graphviz) {
    print_out(print_graphviz(first_step(*experiment).graph));
  } else if (options.plan) {
    print_out(print_plan(make_plan(first_step(*experiment).graph)));
  } else {
    print_out("# Defaults are left out; 'duel help NAME' tells them.\n");
    print_out(to_yaml(document.root, options.origin));
    for (const NetworkSpec& network : experiment->networks) {
      print_out(network_table(network, experiment->engine.precision));
    }
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
  for (CLI::Option* view : views) {
    for (CLI::Option* other : views) {
      if (other != view) view->excludes(other);
    }
  }
  command->callback([options, &line] { line.run = [options, &line] { return show(*options, line.registry); }; });
}

}  // namespace duel
