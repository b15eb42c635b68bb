// The area under the ROC curve of scores.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The probability that the score of a fake is above that of a real, where equal scores count half: the area under the
// receiver operating characteristic with the fakes, or the anomalies, as positives. Rows of one number on both sides,
// of which the higher mean "fake" or "anomaly"; a discriminator's outputs mean "real", so that its area is below ½
// where it tells the sides apart. Neither way is better in itself: a detector's is good when it is high, a generator's
// fakes are good when it is ½. Uncertainty: the standard error of DeLong, DeLong and Clarke-Pearson, Comparing the
// areas under two or more correlated receiver operating characteristic curves (1988), by ranks (Sun and Xu, Fast
// implementation of DeLong's algorithm, 2014); it is 0 where the scores of the sides do not overlap.
// With `positive`, the scores are those of the fakes alone, whose labels tell the sides: test examples of which some
// classes are anomalies.
class Auroc final : public Metric {
 public:
  std::vector<int64_t> positive;

  MetricNeeds needs() const override {
    return {.real = positive.empty() ? SideNeed::rows : SideNeed::nothing,
            .fake = positive.empty() ? SideNeed::rows : SideNeed::labelled_rows,
            .floor = false,
            .least_examples = positive.empty() ? 2 : 4,
            .width = 1};
  }
  std::vector<MetricOutput> outputs() const override { return {{"auroc", Better::neither}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Auroc>& d);
};

}  // namespace duel
