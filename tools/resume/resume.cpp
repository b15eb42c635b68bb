#include <CLI/CLI.hpp>

#include "tools/train/training.hpp"

namespace duel {

void add_resume_command(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string run;
    std::vector<std::string> overrides;
    TrainingOptions training;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("resume", "go on with a run that was stopped or killed");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("overrides", options->overrides, "changes to its experiment: train.steps=20000");
  add_training_options(*command, options->training);
  command->callback([options, &line] {
    line.run = [options, &line] {
      return run_training(options->training, line.arguments, [&](const RunOptions& run, TrainListener& listener) {
        return Run::resume(options->run, line.registry, options->overrides, run, listener);
      });
    };
  });
}

}  // namespace duel
