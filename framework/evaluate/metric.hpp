// The interface of metrics: samples of two sides in, records out.
#pragma once

#include "evaluate/record.hpp"
#include "evaluate/statistics.hpp"
#include "registry/registry.hpp"

namespace duel {

// What a metric takes of a side. What takes statistics takes rows, too.
enum class SideNeed {
  nothing,
  statistics,     // mean and covariance
  rows,           // features
  probabilities,  // rows that are probabilities of classes
};

struct MetricNeeds {
  SideNeed real = SideNeed::rows;
  SideNeed fake = SideNeed::rows;
};

// One side, as far as the metric's needs go: what it does not need may be null.
struct EvaluationSide {
  const FeatureMatrix* rows = nullptr;
  const FeatureStatistics* statistics = nullptr;
};

struct EvaluationInput {
  EvaluationSide real;
  EvaluationSide fake;
  uint64_t seed = 0;
};

class Metric {
 public:
  virtual ~Metric() = default;
  virtual MetricNeeds needs() const = 0;
  // One or more records, with `metric`, `value`, uncertainty, warnings and, of the protocol, the seed where it draws
  // and its parameters: evaluate() fills in the rest. Uses the threads of the enclosing ThreadPool::run; the same bits
  // on any number of them. Throws UserError(ExitCode::data) for samples that it cannot judge, too few of them among
  // others. Thread-safe.
  virtual std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const = 0;
};

}  // namespace duel
