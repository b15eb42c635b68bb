// What `duel clean` would remove, decided before anything is touched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runs/run_entry.hpp"
#include "runs/run_metrics.hpp"

namespace duel {

struct CleanRequest {
  int64_t keep = 1;         // newest checkpoints of a complete run, beside the best
  bool whole_runs = false;  // remove runs, all but the `keep_best` best
  int64_t keep_best = 0;    // ≥ 1 with whole_runs
  std::string metric;       // by which
  bool least_is_best = true;
};

struct RunCleaning {
  std::filesystem::path run;
  bool whole = false;  // the run itself, and its folder
  std::string reason;
  std::vector<std::filesystem::path> files;
  std::filesystem::file_time_type written;  // run.h5, when this was decided
};

struct CleanPlan {
  std::vector<RunCleaning> runs;
  std::vector<std::string> left_alone;  // "runs/a: it trains"
};

// By default: checkpoints of complete runs but the newest and the best (by checkpoint.best; without it, the best by
// each metric of their evaluations), stopped runs without any checkpoint, and temporary files that were left behind.
// Running and damaged runs are left alone. Throws UserError(ExitCode::experiment) for a metric that no run has, or
// whose scores are not comparable.
CleanPlan plan_cleaning(const std::vector<RunEntry>& runs, const CleanRequest& request);

}  // namespace duel
