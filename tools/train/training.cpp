#include "tools/train/training.hpp"

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "tools/floors.hpp"
#include "tools/startup.hpp"
#include "tools/stop_signals.hpp"
#include "tools/train/progress.hpp"

namespace duel {
namespace {

std::optional<int64_t> memory_limit(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto bytes = parse_bytes(text);
  if (!bytes)
    throw UserError(ExitCode::experiment, fmt::format("'{}' is no amount of memory", text), "write --memory 4GiB");
  return bytes;
}

}  // namespace

void add_training_options(CLI::App& command, TrainingOptions& options) {
  command.add_option("--threads", options.threads, "worker threads; results do not depend on it")
      ->check(CLI::Range(1, 1024));
  command.add_option("--memory", options.memory, "most that a step may take: 512MiB, 4GiB");
  CLI::Option* quiet = command.add_flag("--quiet", options.quiet, "print nothing but warnings and errors");
  command.add_flag("--json", options.json, "print one JSON object a line")->excludes(quiet);
}

int run_training(const TrainingOptions& options, const std::vector<std::string>& command_line,
                 const std::function<Run(const RunOptions&, TrainListener&)>& open) {
  const ProgressStyle style = options.json    ? ProgressStyle::json
                              : options.quiet ? ProgressStyle::quiet
                                              : ProgressStyle::automatic;
  auto progress = make_progress(style);
  RunOptions run_options;
  run_options.session = {options.threads, memory_limit(options.memory)};
  run_options.command_line = command_line;
  const auto floors = floor_cache();
  run_options.floors = floors ? &*floors : nullptr;
  catch_stop_signals();
  if (const auto warning = slow_blas_warning()) progress->warned(*warning);
  Run run = open(run_options, *progress);
  const TrainEnd end = run.train(stop_asked(), *progress);
  progress->done(run, end);
  return end == TrainEnd::stopped ? 128 + stop_signal() : 0;
}

}  // namespace duel
