// Scores two sides by several metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "evaluate/metric.hpp"
#include "evaluate/side_data.hpp"

namespace duel {

class FloorCache;

struct NamedMetric {
  std::string name;
  std::shared_ptr<const Metric> metric;
  std::string parameters = {};  // as they are written: floors are kept by them
};

struct EvaluationOptions {
  uint64_t seed = 0;  // of what metrics and floors draw
  bool floors = false;
  const FloorCache* cache = nullptr;  // of floors; null: none
  // Called on the caller's thread before each metric and, when all are done, before each floor.
  std::function<void(std::size_t metric, bool floor)> begins = {};
};

// The records of all metrics, in their order, each with the number of samples of each side that it used, with the whole
// protocol and, if asked for, with its floor (evaluate/floor.hpp). Statistics are computed once a side. Records of a
// metric that compares two sets say how many fakes equal a real. Everything runs on the threads of the enclosing
// ThreadPool::run.
// Throws UserError(ExitCode::data) naming the side: widths that differ, features made by different weights, rows needed
// where there are statistics alone, and what a metric refuses. Features of unlike names are scored, with a warning.
std::vector<EvaluationRecord> evaluate(const SideData& real, const SideData& fake,
                                       const std::vector<NamedMetric>& metrics, const EvaluationOptions& options);
// Without floors.
std::vector<EvaluationRecord> evaluate(const SideData& real, const SideData& fake,
                                       const std::vector<NamedMetric>& metrics, uint64_t seed);

}  // namespace duel
