// The Fréchet inception distance, on whatever features are given.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// FID (Heusel et al., GANs trained by a two time-scale update rule converge to a local Nash equilibrium, 2017): the
// Fréchet distance (frechet.hpp) of Gaussians with the means and covariances (N − 1) of both sides. Statistics suffice.
class Fid final : public Metric {
 public:
  MetricNeeds needs() const override {
    return {.real = SideNeed::statistics, .fake = SideNeed::statistics, .least_examples = 2};
  }
  std::vector<MetricOutput> outputs() const override { return {{"fid", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Fid>& d);
};

}  // namespace duel
