// How often a classifier sees in a fake the class that it was generated for.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The rows of the fakes are what a classifier makes of them, one number a class, logits or probabilities; their labels
// are the classes that they were generated for. The share of the rows in which fewer than `k` classes come before the
// label: a class comes before another when its number is greater, or equal and its index smaller, so that k = 1 asks
// whether the first greatest is the label. With its binomial standard error. Throws UserError(ExitCode::data) for a
// label beyond the classes of the rows, and for fewer classes than 2 or than k.
class Accuracy final : public Metric {
 public:
  int64_t k = 1;

  MetricNeeds needs() const override {
    return {.real = SideNeed::nothing,
            .fake = SideNeed::labelled_rows,
            .floor = false,
            .least_width = std::max<int64_t>(k, 2)};
  }
  std::vector<MetricOutput> outputs() const override { return {{"accuracy", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Accuracy>& d);
};

}  // namespace duel
