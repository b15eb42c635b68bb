// The peak signal-to-noise ratio.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// 10 log₁₀(255² / MSE) decibels, MSE over the pixels and channels of a pair (Wang et al., Image quality assessment:
// from error visibility to structural similarity, 2004, section I); mean over pairs with its standard error. The ratio
// of equal images is infinite, and a single such pair would be the whole mean: no pair counts for more than 100 dB, and
// a warning says how many would.
class Psnr final : public Metric {
 public:
  MetricNeeds needs() const override { return {SideNeed::images, SideNeed::images, true, false}; }
  std::vector<MetricOutput> outputs() const override { return {{"psnr", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Psnr>& d);
};

}  // namespace duel
