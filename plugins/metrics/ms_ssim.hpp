// How alike the fakes are to one another, by multi-scale structural similarity.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// MS-SSIM (Wang, Simoncelli and Bovik, Multi-scale structural similarity for image quality assessment, 2003) between
// fakes, as a measure of their diversity (Odena, Olah and Shlens, Conditional image synthesis with auxiliary classifier
// GANs, 2017, section 4.2). Five scales, each of 2 × 2 means of the one before (an odd last row or column is left out):
//   similarity₅^w₅ · Π contrast_structure_s^w_s over s = 1 … 4, w = .0448, .2856, .3001, .2363, .1333,
// with the means of structural_similarity.hpp; a negative one counts as 0. The window of a scale is of
// min(11, height, width), and its image is reflected beyond the edges by half a window, so that borders count, too.
// Images with a side below 32 are reflected to 32 first. Mean over `pairs` different pairs of fakes, or over all if
// there are no more. Pairs share images: their standard error leaves that out of account.
class MsSsim final : public Metric {
 public:
  int64_t pairs = 1000;

  MetricNeeds needs() const override {
    return {.real = SideNeed::nothing, .fake = SideNeed::images, .least_examples = 2};
  }
  std::vector<MetricOutput> outputs() const override { return {{"ms_ssim", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<MsSsim>& d);
};

}  // namespace duel
