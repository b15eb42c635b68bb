// How well points in the plane cover a known mixture of normal modes.
#pragma once

#include <array>

#include "evaluate/metric.hpp"

namespace duel {

// The fakes against a mixture of round Gaussians of equal weight, which the parameters choose. A fake is of high
// quality when its distance to the nearest centre is at most three standard deviations (Srivastava et al., VEEGAN,
// 2017, section 4.1). Three records:
//   modes         how many modes are nearest to one such fake or more
//   high_quality  share of the fakes of high quality, with its binomial standard error; 1 − exp(−9/2) = 0.98889 of
//                 samples of the mixture itself are
//   reverse_kl    KL(q ‖ uniform) = Σ q ln(q·K) in nats, where q is the histogram over the K modes of the modes nearest
//                 to the fakes of high quality, and of those alone (a divergence that Lin et al., PacGAN, 2018, report
//                 beside the other two); between 0 and ln K, and about (K − 1)/2n for n samples of the mixture itself.
//                 Where no fake is of high quality it is ln K, with a warning: as bad as a single mode.
// The layouts and their defaults are those of the data sets ring, grid and gaussian, whose own samples these are:
//   ring      8 modes on a circle of radius 2, the first to the right; deviation 0.02
//   grid      25 modes, a square number, at distance 2, around the origin; deviation 0.05
//   gaussian  one mode at the origin; deviation 1
// Throws UserError(ExitCode::data) for rows that are no points of the plane.
class Mixture final : public Metric {
 public:
  std::string layout = "ring";
  std::optional<int64_t> modes;
  std::optional<double> radius;   // of a ring alone
  std::optional<double> spacing;  // of a grid alone
  std::optional<double> deviation;

  MetricNeeds needs() const override {
    return {.real = SideNeed::nothing, .fake = SideNeed::rows, .floor = false, .width = 2};
  }
  std::vector<MetricOutput> outputs() const override {
    return {{"modes", Better::higher}, {"high_quality", Better::higher}, {"reverse_kl", Better::lower}};
  }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  std::string conflict() const;
  static void declare(Declaration<Mixture>& d);

 private:
  int64_t mode_count() const;
  double mode_deviation() const;
  double mode_distance() const;  // the radius or the spacing; 0 for the one mode of a gaussian
  std::vector<std::array<double, 2>> centres() const;
  std::map<std::string, std::string> parameters() const;
};

}  // namespace duel
