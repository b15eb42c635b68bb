#include <CLI/CLI.hpp>

#include "base/error.hpp"
#include "runs/sweep_trial.hpp"
#include "tools/train/training.hpp"

namespace duel {

namespace {

// Trained on by itself, a trial would say other things than its sweep does.
void refuse_trial(const std::string& run) {
  const auto trial = sweep_trial(run);
  if (!trial) return;
  const std::string state = trial->state.empty() ? "" : fmt::format(", which has it as {}", trial->state);
  throw UserError(ExitCode::experiment,
                  fmt::format("{} is trial {} of the sweep {}{}", run, trial->number, trial->sweep.string(), state),
                  fmt::format("go on with the sweep: {}; to train this run further by itself, copy its folder to "
                              "another place and resume the copy",
                              go_on_with(*trial)));
}

}  // namespace

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
      refuse_trial(options->run);
      return run_training(options->training, line.arguments, [&](const RunOptions& run, TrainListener& listener) {
        return Run::resume(options->run, line.registry, options->overrides, run, listener);
      });
    };
  });
}

}  // namespace duel
