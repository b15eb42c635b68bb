// The inception score, on whatever probabilities of classes are given.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// exp E KL(p(y|x) ‖ p(y)) over the fakes (Salimans et al., Improved techniques for training GANs, 2016), whose rows are
// probabilities of classes: not negative, of sum 1 within 10⁻³. Mean over `splits` parts, part i from row i·n div
// splits on; the uncertainty is their standard deviation (divisor: number of splits). Between 1 and the number of
// classes.
class InceptionScore final : public Metric {
 public:
  int64_t splits = 10;

  MetricNeeds needs() const override {
    return {.real = SideNeed::nothing, .fake = SideNeed::probabilities, .least_examples = splits};
  }
  std::vector<MetricOutput> outputs() const override { return {{"inception_score", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<InceptionScore>& d);
};

}  // namespace duel
