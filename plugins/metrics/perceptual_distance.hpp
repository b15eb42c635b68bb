// The perceptual distance of pairs, on whatever feature maps are given.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The distance of Zhang et al., The unreasonable effectiveness of deep features as a perceptual metric (2018), section
// 3.1, for one layer and without learned weights: the channels of each position are scaled to unit length (all zeros
// stay zeros), squared differences are summed over channels and averaged over positions. Mean over pairs with its
// standard error. Between 0 and 4, and at most 2 where no feature is negative. The scale of the features does not
// matter.
class PerceptualDistance final : public Metric {
 public:
  MetricNeeds needs() const override { return {SideNeed::maps, SideNeed::maps, true, false}; }
  std::vector<MetricOutput> outputs() const override { return {{"perceptual_distance", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<PerceptualDistance>& d);
};

}  // namespace duel
