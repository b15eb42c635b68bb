// Run folders as they are found on the disk, whatever their state: finished, being written now, stopped, killed, or
// damaged. `duel compare`, `list`, `clean`, pages and sweeps read runs through this. Nothing here changes a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/record.hpp"
#include "runs/sweep_trial.hpp"
#include "store/run_file.hpp"

namespace duel {

enum class RunState {
  complete,  // trained to its end, or to what `until` or `early_stop` asked for
  running,   // a process holds its lock
  stopped,   // before its end, by a signal, a kill, a divergence or an error: `duel resume` goes on, `duel sweep` with
             // the trial of a sweep
  pruned,    // these three are over before their end, as the sweep says whose trials they are
  diverged,
  failed,
  damaged  // its files cannot be read; `problem` says why
};

std::string_view to_string(RunState state);  // "complete"
// All of them, in the order of RunState.
std::span<const RunState> run_states();

// One leaf of the resolved experiment, defaults not filled in: {"players.generator.optimizer.adam.lr", "0.0002",
// "dcgan.yaml:12"}. Lists of scalars are one leaf: "[0.5, 0.999]".
struct RunParameter {
  std::string key;     // dotted, as overrides write it: networks.generator.layers[3].dense.units
  std::string value;   // YAML on one line
  std::string origin;  // file:line or "override 'key=value'"; empty in runs that did not record it
  bool operator==(const RunParameter&) const = default;
};

// A text that is equal for values that are: numbers are compared as numbers, 1e-3 is 0.001.
std::string comparable_value(const std::string& value);

// An evaluation that was asked for after the training (RUN/evaluations/*.h5).
struct LaterEvaluation {
  std::string name;
  int64_t step = 0;
  std::vector<std::pair<std::string, StoredScore>> scores;  // by metric
};

// What one evaluation gave of one metric at one step.
struct RunScore {
  std::string evaluation;
  std::string metric;
  int64_t step = 0;
  double value = 0;
  std::optional<EvaluationRecord> record;  // none where run.h5 holds none that can be read
  bool later = false;                      // asked for after the training
};

struct RunEntry {
  std::filesystem::path folder;
  RunState state = RunState::damaged;
  std::string problem;  // of a damaged one, and what could not be read of others; "" if nothing
  std::string name;     // of the experiment
  int64_t step = 0;     // last step recorded
  std::optional<int64_t> total_steps;
  double seconds = 0;   // of training, until the last record
  std::string failure;  // of a stopped one: why it ended, if it diverged or collapsed; "" if nothing says so
  std::optional<SweepTrial> trial;  // none for a run that stands alone
  std::vector<RunParameter> parameters;
  RunRecords records;  // empty for a damaged one
  std::vector<LaterEvaluation> later;
  // Of `records` and `later`, their records read: by step; of one step, those asked for after the training come last.
  // Without what was not computed, as before a resume that brought the metric.
  std::vector<RunScore> scores;
};

// Never throws for what a run holds: a run that cannot be read is an entry in state damaged. Throws
// UserError(ExitCode::experiment) for a path that is no folder of a run.
RunEntry read_run_entry(const std::filesystem::path& folder);

// The run folders at and below `paths` (folders that hold a run.h5, not looked into further), in the order of the paths
// and by name within each, each once. Throws UserError(ExitCode::experiment) for a path that is not there or holds
// none.
std::vector<std::filesystem::path> find_runs(std::span<const std::filesystem::path> paths);
// The same of what may come or vanish: a path that is not there, or holds no run, has none.
std::vector<std::filesystem::path> runs_found_in(std::span<const std::filesystem::path> paths);
// What find_runs finds, read.
std::vector<RunEntry> read_runs(std::span<const std::string> paths);

}  // namespace duel
