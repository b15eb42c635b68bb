// The metrics that runs have, by name: those of evaluations (in the training and after it) and those of training.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/record.hpp"
#include "runs/run_entry.hpp"

namespace duel {

// A metric, whichever runs have it.
struct RunMetric {
  std::string name;                       // as it is shown: "fid", "quality.fid", "train.fid"
  std::string metric;                     // as evaluations or training call it
  std::optional<std::string> evaluation;  // of evaluations of this name only
  bool of_training = false;
  bool operator==(const RunMetric&) const = default;
};

// What one run has of a metric at one step.
struct MetricValue {
  int64_t step = 0;
  double value = 0;
  std::optional<EvaluationRecord> record;  // none of training
};

// Those of the evaluations, without their evaluation's name where no run has two of that metric; then those of
// training, with "train." before what an evaluation is called, too.
std::vector<RunMetric> metrics_of(std::span<const RunEntry> runs);

// The metric that a user calls `name`: METRIC, EVALUATION.METRIC or train.METRIC. Nothing where no run has it. Throws
// UserError(ExitCode::experiment) where a run has several of that name.
std::optional<RunMetric> find_metric(std::span<const RunEntry> runs, const std::string& name);

// The same, of a name that `option` gives: throws UserError(ExitCode::experiment) where no run has it, too, with what
// may be meant or what there is.
RunMetric metric_named(std::span<const RunEntry> runs, const std::string& name, const std::string& option);

// By step; of one step, those asked for after the training come last. Values that were not computed are left out.
std::vector<MetricValue> values_of(const RunEntry& run, const RunMetric& metric);

enum class Choice { last, best };
// The last value; or the best of those whose protocol is that of the last one. Where no side is better, the last.
std::optional<MetricValue> chosen_value(const RunEntry& run, const RunMetric& metric, Choice choice);

}  // namespace duel
