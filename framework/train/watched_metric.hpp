// Metrics by the names that `until`, `early_stop`, `checkpoint.best` and sweeps give them.
#pragma once

#include <optional>
#include <string>

#include "evaluate/record.hpp"
#include "spec/experiment.hpp"

namespace duel {

// A metric of an evaluation, or one of training.
struct WatchedMetric {
  std::optional<std::size_t> evaluation;
  std::string metric;
  std::string full_name;  // EVALUATION.METRIC
  Better better = Better::neither;
  std::size_t index = 0;  // of one of training, in the order of recorded_names (model/turns.hpp)
};

// METRIC of the evaluation that has it, EVALUATION.METRIC, or one recorded in training. With `needs_better`, only those
// of evaluations that have a better side. Throws UserError(ExitCode::experiment) at the name's place, also for a METRIC
// that several evaluations have.
WatchedMetric find_metric(const Experiment& experiment, const MetricName& name, bool needs_better);

// At the name's place, too.
[[noreturn]] void fail_metric(const MetricName& name, const std::string& what, const std::string& remedy);

}  // namespace duel
