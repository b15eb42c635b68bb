#include "tools/clean/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "runs/unlike_scores.hpp"
#include "store/checkpoint.hpp"
#include "tools/clean/own_files.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::string names_of(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.filename().string());
  return fmt::format("{}", fmt::join(names, ", "));
}

// The steps that are the best by some metric of the evaluations.
std::set<int64_t> best_steps(const RunEntry& run) {
  std::set<int64_t> steps;
  for (const RunMetric& metric : metrics_of({&run, 1})) {
    if (metric.of_training) continue;
    if (const auto best = chosen_value(run, metric, Choice::best)) steps.insert(best->step);
  }
  return steps;
}

// The checkpoints of a complete run that are neither among the newest nor the best. Throws for damaged ones.
std::vector<fs::path> surplus_checkpoints(const RunEntry& run, int64_t keep) {
  const fs::path folder = run.folder / "checkpoints";
  std::vector<int64_t> steps = checkpoint_steps(folder);
  if (static_cast<int64_t>(steps.size()) <= keep) return {};
  const CheckpointState newest = read_checkpoint(checkpoint_path(folder, steps.back()));
  const auto best = newest.counters.find("best_step");
  const std::set<int64_t> kept = best != newest.counters.end() ? std::set{best->second} : best_steps(run);
  steps.resize(steps.size() - static_cast<std::size_t>(keep));
  std::vector<fs::path> surplus;
  for (const int64_t step : steps) {
    if (!kept.contains(step)) surplus.push_back(checkpoint_path(folder, step));
  }
  return surplus;
}

void add_cleaning(const RunEntry& run, bool whole, const std::string& reason, std::vector<fs::path> files,
                  CleanPlan& plan) {
  std::error_code ignored;
  plan.runs.push_back(
      {run.folder, whole, reason, std::move(files), fs::last_write_time(run.folder / "run.h5", ignored)});
}

void remove_run(const RunEntry& run, const std::string& reason, CleanPlan& plan) {
  RunFiles files = files_of_run(run.folder);
  if (!files.foreign.empty()) {
    plan.left_alone.push_back(
        fmt::format("{}: it holds what is no file of a run: {}", run.folder.string(), names_of(files.foreign)));
    return;
  }
  files.own.insert(files.own.end(), files.temporary.begin(), files.temporary.end());
  add_cleaning(run, true, reason, std::move(files.own), plan);
}

void clean_run(const RunEntry& run, const CleanRequest& request, CleanPlan& plan) {
  if (run.state == RunState::stopped && checkpoint_steps(run.folder / "checkpoints").empty()) {
    return remove_run(run, "stopped before its first checkpoint", plan);
  }
  if (run.state == RunState::complete || run.state == RunState::pruned) {
    auto surplus = surplus_checkpoints(run, request.keep);
    if (!surplus.empty()) {
      add_cleaning(run, false, "checkpoints beside the newest and the best", std::move(surplus), plan);
    }
  }
  auto temporary = files_of_run(run.folder).temporary;
  if (!temporary.empty()) add_cleaning(run, false, "left behind by a process", std::move(temporary), plan);
}

struct RankedRun {
  const RunEntry* run;
  double value;
};

void refuse_unlike(const std::vector<RankedRun>& ranked, const RunMetric& metric) {
  std::vector<const RunEntry*> runs;
  for (const RankedRun& one : ranked) runs.push_back(one.run);
  const auto unlike = unlike_scores(runs, {metric}, Choice::best);
  if (unlike.empty()) return;
  throw UserError(ExitCode::experiment, describe(unlike.front(), "; "),
                  "evaluate the runs alike, or clean the folders one by one");
}

void plan_whole_runs(const std::vector<const RunEntry*>& runs, const RunMetric& metric, const CleanRequest& request,
                     CleanPlan& plan) {
  std::vector<RankedRun> ranked;
  for (const RunEntry* run : runs) {
    const auto value = chosen_value(*run, metric, Choice::best);
    if (value && !std::isnan(value->value)) {
      ranked.push_back({run, request.least_is_best ? value->value : -value->value});
    } else {
      plan.left_alone.push_back(fmt::format("{}: it has no {}", run->folder.string(), metric.name));
    }
  }
  refuse_unlike(ranked, metric);
  std::ranges::stable_sort(ranked, {}, &RankedRun::value);
  for (std::size_t i = static_cast<std::size_t>(request.keep_best); i < ranked.size(); ++i) {
    remove_run(*ranked[i].run, fmt::format("{} of {} by {}", i + 1, ranked.size(), metric.name), plan);
  }
}

}  // namespace

CleanPlan plan_cleaning(const std::vector<RunEntry>& runs, const CleanRequest& request) {
  CleanPlan plan;
  std::vector<const RunEntry*> candidates;
  for (const RunEntry& run : runs) {
    if (run.state == RunState::running) {
      plan.left_alone.push_back(fmt::format("{}: it trains", run.folder.string()));
    } else if (run.state == RunState::damaged) {
      plan.left_alone.push_back(fmt::format("{}: it is damaged", run.folder.string()));
    } else {
      candidates.push_back(&run);
    }
  }
  if (request.whole_runs) {
    const std::string option = request.least_is_best ? "--min" : "--max";
    plan_whole_runs(candidates, metric_named(runs, request.metric, option), request, plan);
    return plan;
  }
  for (const RunEntry* run : candidates) {
    try {
      clean_run(*run, request, plan);
    } catch (const UserError& error) {
      plan.left_alone.push_back(error.what());
    }
  }
  return plan;
}

}  // namespace duel
