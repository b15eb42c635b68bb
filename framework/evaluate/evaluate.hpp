// Scores two sides by several metrics.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "evaluate/metric.hpp"

namespace duel {

// What is known of one side: features, or their statistics alone.
using SideData = std::variant<FeatureMatrix, FeatureStatistics>;

struct NamedMetric {
  std::string name;
  std::shared_ptr<const Metric> metric;
};

// The records of all metrics, in their order, each with the number of samples of each side that it used and with the
// whole protocol. Statistics are computed once a side. Everything runs on the threads of the enclosing ThreadPool::run.
// Throws UserError(ExitCode::data) naming the side: widths that differ, features made by different weights, rows needed
// where there are statistics alone, and what a metric refuses. Features of unlike names are scored, with a warning.
std::vector<EvaluationRecord> evaluate(const SideData& real, const SideData& fake,
                                       const std::vector<NamedMetric>& metrics, uint64_t seed);

}  // namespace duel
