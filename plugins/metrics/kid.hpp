// The kernel inception distance, on whatever features are given.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// KID (Bińkowski et al., Demystifying MMD GANs, 2018): the unbiased estimate of the squared maximum mean discrepancy
// with the kernel (x·y/d + 1)³, averaged over subsets of `subset_size` rows a side, drawn without replacement; the
// uncertainty is their standard deviation (divisor: number of subsets). Where a side has fewer rows, subsets are that
// small, and where they are all of both sides there is one, without uncertainty; the record says so. May be negative.
class Kid final : public Metric {
 public:
  int64_t subsets = 100;
  int64_t subset_size = 1000;

  MetricNeeds needs() const override { return {.least_examples = 2}; }
  std::vector<MetricOutput> outputs() const override { return {{"kid", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Kid>& d);
};

}  // namespace duel
