// How often a discriminator is right, and how far its probabilities can be believed.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The rows of both sides are outputs of a discriminator, one number each: logits of "real", or probabilities of it
// (`outputs`). A side weighs ½ whatever its number of samples, as in training, so that an unequal number of them is not
// taken for a bad calibration; with as many on both sides every sample weighs the same. Three records:
//   discriminator_accuracy  ½ (share of the reals above the threshold + share of the fakes not above it); the threshold
//                           is a logit of 0 or a probability of ½. With the standard error of binomial shares
//   calibration_error       expected calibration error of the probability of "real": over 15 bins ((m − 1)/15, m/15] of
//                           it, the first with its lower end, the sum of weight × |share of reals − mean probability|
//                           (Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian
//                           binning, 2015, for one of two events). Not that of Guo et al. (2017) for many classes,
//                           which bins the confidence in the predicted class: there, too much said of "real" and too
//                           little said of "fake" cancel out
//   brier                   mean square of probability − truth, which is 1 for reals and 0 for fakes (Brier,
//                           Verification of forecasts expressed in terms of probability, 1950, for one of two events)
// Throws UserError(ExitCode::data) for rows of another width, and for "probabilities" outside [0, 1].
class Calibration final : public Metric {
 public:
  std::string outputs_are = "logits";

  MetricNeeds needs() const override {
    return {.real = SideNeed::rows, .fake = SideNeed::rows, .floor = false, .width = 1};
  }
  std::vector<MetricOutput> outputs() const override {
    return {
        {"discriminator_accuracy", Better::neither}, {"calibration_error", Better::lower}, {"brier", Better::lower}};
  }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Calibration>& d);
};

}  // namespace duel
