// What train and resume share: their options, signals, and the words at the end.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tools/command.hpp"
#include "train/run.hpp"

namespace duel {

struct TrainingOptions {
  int threads = 0;
  std::string memory;
  bool quiet = false;
  bool json = false;
};

void add_training_options(CLI::App& command, TrainingOptions& options);

// Opens the run and trains it to its end or to SIGINT/SIGTERM; returns the exit code. A second signal ends at once.
int run_training(const TrainingOptions& options, const std::vector<std::string>& command_line,
                 const std::function<Run(const RunOptions&, TrainListener&)>& open);

}  // namespace duel
