#include <CLI/CLI.hpp>

#include "spec/load.hpp"
#include "tools/command.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

void add_check_command(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string file;
    std::vector<std::string> overrides;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("check", "report every problem of an experiment, shapes included");
  command->add_option("experiment", options->file, "experiment file")->required();
  command->add_option("overrides", options->overrides, "key.path=value, ~key.path");
  command->callback([options, &line] {
    line.run = [options, &line] {
      const Document document = load_experiment(options->file, options->overrides);
      const auto experiment = checked_experiment(document, line.registry, FeatureSources::opened);
      print_out(fmt::format("{}: ok: {}, {}, {}{}\n", options->file, counted(experiment->networks.size(), "network"),
                            counted(experiment->values.size(), "value"), counted(experiment->players.size(), "player"),
                            experiment->trains() ? "" : ": there is nothing to train"));
      return 0;
    };
  });
}

}  // namespace duel
