#include <CLI/CLI.hpp>

#include "spec/load.hpp"
#include "tools/train/training.hpp"

namespace duel {

void add_train_command(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string file;
    std::string out;
    std::vector<std::string> overrides;
    TrainingOptions training;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("train", "train an experiment in a new run folder");
  command->add_option("experiment", options->file, "experiment file")->required();
  command->add_option("overrides", options->overrides, "key.path=value, ~key.path");
  command->add_option("--out", options->out, "run folder; runs/<name>/<time>-s<seed> if not given");
  add_training_options(*command, options->training);
  command->callback([options, &line] {
    line.run = [options, &line] {
      const Document document = load_experiment(options->file, options->overrides);
      return run_training(options->training, line.arguments, [&](RunOptions run, TrainListener&) {
        run.folder = options->out;
        return Run::create(document, line.registry, run);
      });
    };
  });
}

}  // namespace duel
