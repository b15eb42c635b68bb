// The mean absolute difference of pixels.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// Mean of |real − fake| over the pixels and channels of a pair, in levels of 0 … 255; mean over pairs with its standard
// error. What an L1 loss of a paired task minimises (Isola et al., Image-to-image translation with conditional
// adversarial networks, 2017), but in levels.
class L1Difference final : public Metric {
 public:
  MetricNeeds needs() const override { return {SideNeed::images, SideNeed::images, true, false}; }
  std::vector<MetricOutput> outputs() const override { return {{"l1", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<L1Difference>& d);
};

}  // namespace duel
