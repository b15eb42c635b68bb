// Precision, recall, density and coverage by nearest neighbours.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// Each sample has a ball that reaches to its k-th neighbour among the others of its side.
//   precision: share of the fakes within (≤) the ball of some real; recall: share of the reals within that of some fake
//   (Kynkäänniemi et al., Improved precision and recall metric for assessing generative models, 2019)
//   density: balls of reals that hold (<) a fake, over k·fakes; coverage: share of the reals whose ball holds a fake
//   (Naeem et al., Reliable fidelity and diversity metrics for generative models, 2020)
// k is 3 for the first pair and 5 for the second, unless given for all four. Four records. Pairs are walked in blocks:
// the memory is that of a few thousand rows.
class Prdc final : public Metric {
 public:
  std::optional<int64_t> k;

  MetricNeeds needs() const override;
  std::vector<MetricOutput> outputs() const override {
    return {{"precision", Better::higher},
            {"recall", Better::higher},
            {"density", Better::higher},
            {"coverage", Better::higher}};
  }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Prdc>& d);

 private:
  int64_t largest_k() const;  // of the balls
};

}  // namespace duel
