// The densities that TPE compares: mixtures of a component for each observed value and one for what was believed
// before. Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, section 4; bandwidths and
// weights as Watanabe, "Tree-structured Parzen estimator", arXiv:2304.11127 (2023), describes Optuna's.
#pragma once

#include <span>
#include <vector>

#include "base/random.hpp"
#include "search/distribution.hpp"

namespace duel {

// Of one parameter. Immutable; any number of threads may use it.
class ParzenEstimator {
 public:
  // `values`: what was observed, oldest first. There may be none.
  ParzenEstimator(const Distribution& distribution, std::span<const double> values);

  double sample(RandomStream& stream) const;
  // Logarithm of the density at a value (uniform kinds without a step: on the axis of the distribution), or of its
  // probability where there are countably many.
  double log_density(double value) const;

 private:
  double log_density_of_component(std::size_t component, double value) const;

  Distribution distribution_;
  std::vector<double> weights_;  // of the components; they sum to 1
  // Numbers: normal distributions on the axis, cut off at its ends.
  std::vector<double> means_, deviations_;
  // Categories: the shares of the values, a row a component.
  std::vector<std::vector<double>> shares_;
};

}  // namespace duel
