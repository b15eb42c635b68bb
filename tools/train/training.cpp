#include "tools/train/training.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "base/text.hpp"
#include "tools/floors.hpp"
#include "tools/startup.hpp"
#include "tools/train/progress.hpp"

namespace duel {
namespace {

std::atomic<bool> stop_asked{false};
volatile std::sig_atomic_t stop_signal = 0;

void on_signal(int number) {
  if (stop_signal != 0) _exit(128 + number);  // the second one: at once
  stop_signal = number;
  stop_asked = true;
}

// Those of the first kind ask to stop. The others would end the program where a write can fail and be reported: of a
// closed pipe, or beyond the largest size that a file may have.
void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
  sigaction(SIGXFSZ, &action, nullptr);
}

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
  catch_signals();
  if (const auto warning = slow_blas_warning()) progress->warned(*warning);
  Run run = open(run_options, *progress);
  const TrainEnd end = run.train(stop_asked, *progress);
  progress->done(run, end);
  return end == TrainEnd::stopped ? 128 + stop_signal : 0;
}

}  // namespace duel
