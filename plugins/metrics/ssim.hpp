// The structural similarity index.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// SSIM (Wang et al., Image quality assessment: from error visibility to structural similarity, 2004, section III) of
// each pair: a Gaussian window of 11 × 11 and σ 1.5 at every place where it lies within the image, constants of
// structural_similarity.hpp, mean over places and channels; mean over pairs with its standard error. 1 for equal
// images. Images need 11 pixels a side.
class Ssim final : public Metric {
 public:
  static constexpr int64_t window_size = 11;  // pixels a side

  MetricNeeds needs() const override {
    return {.real = SideNeed::images,
            .fake = SideNeed::images,
            .paired = true,
            .floor = false,
            .least_pixels = window_size};
  }
  std::vector<MetricOutput> outputs() const override { return {{"ssim", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Ssim>& d);
};

}  // namespace duel
