#include "runs/run_entry.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "evaluate/stored_score.hpp"
#include "store/checkpoint.hpp"
#include "store/evaluation_file.hpp"
#include "yaml/leaves.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<std::pair<RunState, std::string_view>, 7> state_names{{{RunState::complete, "complete"},
                                                                            {RunState::running, "running"},
                                                                            {RunState::stopped, "stopped"},
                                                                            {RunState::pruned, "pruned"},
                                                                            {RunState::diverged, "diverged"},
                                                                            {RunState::failed, "failed"},
                                                                            {RunState::damaged, "damaged"}}};

// A run that its sweep has ended is not merely stopped.
void judge_by_sweep(RunEntry& entry) {
  if (!entry.trial || entry.state != RunState::stopped) return;
  for (const RunState state : {RunState::pruned, RunState::diverged, RunState::failed}) {
    if (entry.trial->state == to_string(state)) entry.state = state;
  }
}

void add_problem(RunEntry& entry, const std::string& problem) {
  entry.problem += (entry.problem.empty() ? "" : "; ") + problem;
}

std::string text_of(const std::map<std::string, std::string>& texts, const std::string& name) {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string() : found->second;
}

// What tells a file from what it was before: who writes it changes its size, its time, or what the name stands for.
struct FileStamp {
  uintmax_t size = 0;
  fs::file_time_type time;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const fs::path& file) {
  std::error_code ignored;
  return {fs::file_size(file, ignored), fs::last_write_time(file, ignored)};
}

// A training that ends, or that a resume takes up, can make the file look damaged for an instant; what nobody changes
// stays as it is.
RunRecords read_steadily(const fs::path& file, const fs::path& lock) {
  constexpr int attempts = 5;
  for (int attempt = 1;; ++attempt) {
    const FileStamp before = stamp_of(file);
    const bool written = is_locked(lock);
    try {
      return read_run(file);
    } catch (const UserError&) {
      if (attempt == attempts || (!written && stamp_of(file) == before)) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::vector<RunParameter> read_parameters(const RunRecords& records, const std::string& file) {
  const json origins = json::parse(text_of(records.experiment, "origins"), nullptr, false);
  std::vector<RunParameter> parameters;
  for (YamlLeaf& leaf : leaves_of(parse_yaml(text_of(records.experiment, "resolved"), file))) {
    std::string origin;
    if (origins.is_object() && origins.contains(leaf.key) && origins[leaf.key].is_string()) origin = origins[leaf.key];
    parameters.push_back({std::move(leaf.key), std::move(leaf.value), std::move(origin)});
  }
  return parameters;
}

int64_t last_step(const RunRecords& records) {
  int64_t last = records.steps.empty() ? 0 : records.steps.back();
  for (const auto& [name, evaluation] : records.evaluations) {
    if (!evaluation.steps.empty()) last = std::max(last, evaluation.steps.back());
  }
  return last;
}

double last_second(const RunRecords& records) {
  double last = records.seconds.empty() ? 0 : records.seconds.back();
  for (const auto& [name, evaluation] : records.evaluations) {
    if (!evaluation.seconds.empty()) last = std::max(last, evaluation.seconds.back());
  }
  return last;
}

bool may_end_early(const RunEntry& entry) {
  return std::ranges::any_of(entry.parameters, [](const RunParameter& parameter) {
    return parameter.key.starts_with("train.until") || parameter.key.starts_with("train.early_stop");
  });
}

// Of runs whose run.h5 does not say so yet: what the experiment says, if it counts in steps.
std::optional<int64_t> stated_steps(const RunEntry& entry) {
  const auto found = std::ranges::find(entry.parameters, "train.steps", &RunParameter::key);
  return found == entry.parameters.end() ? std::nullopt : parse_integer(found->value);
}

// Where the newest checkpoint ends a run, `resume` would not go on with it either.
bool ends_at(const CheckpointState& state, int64_t step) {
  const auto at = state.counters.find("step");
  return state.texts.contains("end") && at != state.counters.end() && at->second >= step;
}

// The state of a run that nobody trains; its total_steps, where only a checkpoint says them.
void judge_at_rest(RunEntry& entry) {
  const fs::path checkpoints = entry.folder / "checkpoints";
  entry.state = RunState::stopped;
  try {
    const std::vector<int64_t> steps = checkpoint_steps(checkpoints);
    if (entry.total_steps && entry.step >= *entry.total_steps) {
      // Killed between the last record and its checkpoint, it has steps to do again. Checkpoints may have been removed.
      if (steps.empty() || steps.back() >= *entry.total_steps) entry.state = RunState::complete;
      return;
    }
    if (entry.total_steps && !may_end_early(entry)) return;  // without reading what may be large
    const auto newest = load_newest_checkpoint(checkpoints);
    if (!newest) return;
    const auto total = newest->state.counters.find("total_steps");
    if (!entry.total_steps && total != newest->state.counters.end()) entry.total_steps = total->second;
    if (ends_at(newest->state, entry.step) || (entry.total_steps && entry.step >= *entry.total_steps)) {
      entry.state = RunState::complete;
    }
  } catch (const UserError& error) {
    add_problem(entry, error.what());
  }
}

void read_later(RunEntry& entry) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator file(entry.folder / "evaluations", error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".h5" && file->path().filename().string().front() != '.') {
      files.push_back(file->path());
    }
  }
  std::ranges::sort(files);
  std::vector<EvaluationFile> read;
  for (const fs::path& file : files) {
    try {
      read.push_back(read_evaluation(file));
    } catch (const UserError& damage) {
      add_problem(entry, damage.what());
    }
  }
  std::ranges::stable_sort(read, {}, &EvaluationFile::written);
  for (EvaluationFile& file : read) {
    LaterEvaluation later{std::move(file.name), file.step, {}};
    for (auto& [metric, score] : file.scores) later.scores.emplace_back(metric, std::move(score));
    entry.later.push_back(std::move(later));
  }
}

void add_score(RunEntry& entry, const std::string& evaluation, const std::string& metric, int64_t step,
               const StoredScore& score, bool later) {
  auto record = stored_record(score);
  if (std::isnan(score.value) && !record) return;  // not computed
  entry.scores.push_back({evaluation, metric, step, score.value, std::move(record), later});
}

void read_scores(RunEntry& entry) {
  for (const auto& [name, evaluation] : entry.records.evaluations) {
    for (const auto& [metric, scores] : evaluation.metrics) {
      for (std::size_t i = 0; i < scores.size(); ++i) {
        add_score(entry, name, metric, evaluation.steps[i], scores[i], false);
      }
    }
  }
  for (const LaterEvaluation& later : entry.later) {
    for (const auto& [metric, score] : later.scores) add_score(entry, later.name, metric, later.step, score, true);
  }
  std::ranges::stable_sort(entry.scores, {}, &RunScore::step);
}

void read_failure(RunEntry& entry) {
  const fs::path file = entry.folder / "failure.txt";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  constexpr uint64_t longest = 1 << 16;
  entry.failure = read_text(file, longest);
  while (entry.failure.ends_with('\n')) entry.failure.pop_back();
}

void read_into(RunEntry& entry) {
  const fs::path file = entry.folder / "run.h5", lock = entry.folder / "run.lock";
  bool running = is_locked(lock);
  entry.records = read_steadily(file, lock);
  if (running && !is_locked(lock)) {  // it has just ended, and with it come its last records
    running = false;
    entry.records = read_steadily(file, lock);
  }
  entry.name = text_of(entry.records.experiment, "name");
  entry.step = last_step(entry.records);
  entry.seconds = last_second(entry.records);
  entry.parameters = read_parameters(entry.records, file.string());
  entry.total_steps = parse_integer(text_of(entry.records.provenance, "total_steps"));
  if (!entry.total_steps) entry.total_steps = stated_steps(entry);
  entry.state = RunState::running;  // whose checkpoints come and go
  if (running) return;
  judge_at_rest(entry);
  if (entry.state == RunState::stopped) read_failure(entry);
  judge_by_sweep(entry);
}

}  // namespace

std::string_view to_string(RunState state) {
  return std::ranges::find(state_names, state, &std::pair<RunState, std::string_view>::first)->second;
}

std::span<const RunState> run_states() {
  static const auto states = [] {
    std::array<RunState, state_names.size()> all{};
    std::ranges::transform(state_names, all.begin(), &std::pair<RunState, std::string_view>::first);
    return all;
  }();
  return states;
}

std::string comparable_value(const std::string& value) {
  const auto number = parse_float(value);
  return number ? format_number(*number) : value;
}

RunEntry read_run_entry(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / "run.h5", ignored)) {
    throw UserError(ExitCode::experiment, fmt::format("{} holds no run", folder.string()),
                    "name a folder that 'duel train' made: it has a run.h5");
  }
  RunEntry entry;
  entry.folder = folder;
  entry.trial = sweep_trial(folder);
  try {
    read_into(entry);
    read_later(entry);
    read_scores(entry);
  } catch (const UserError& damage) {
    entry = {};
    entry.folder = folder;
    entry.trial = sweep_trial(folder);
    entry.problem = damage.what();
  }
  return entry;
}

}  // namespace duel
