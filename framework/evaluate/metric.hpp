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
  labelled_rows,  // features of examples whose class is known
  probabilities,  // rows that are probabilities of classes
  images,         // rows of the shape height, width, channels, with pixels 0 … 255 whatever the type of the elements
  maps,           // rows of the shape height, width, channels: features of positions, of any scale
};

struct MetricNeeds {
  SideNeed real = SideNeed::rows;
  SideNeed fake = SideNeed::rows;
  bool paired = false;  // row i of one side belongs to row i of the other: both have as many
  // What the metric gives for one set of reals against another is a floor to compare scores with.
  bool floor = true;
  // What evaluate() refuses, told beforehand so that a training need not come to its first evaluation:
  int64_t least_examples = 1;      // of each side that is looked at
  std::optional<int64_t> width{};  // numbers a row; none: any
  int64_t least_width = 1;
  int64_t least_pixels = 1;  // of the shorter side of an image
};

// A record that a metric makes, before it makes it.
struct MetricOutput {
  std::string name;
  Better better = Better::lower;
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
  // Of the records that evaluate() returns, in their order; at least one.
  virtual std::vector<MetricOutput> outputs() const = 0;
  // One record an output, with `metric`, `value`, uncertainty, warnings and, of the protocol, the seed where it draws
  // and its parameters: what is declared or the same for all metrics is filled in by framework/evaluate. Uses the
  // threads of the enclosing ThreadPool::run; the same bits on any number of them. Throws UserError(ExitCode::data) for
  // samples that it cannot judge, too few of them among others. Thread-safe.
  virtual std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const = 0;
};

}  // namespace duel
