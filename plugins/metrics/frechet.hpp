// The Fréchet distance between two Gaussians, without a complex square root.
#pragma once

#include <string>

#include "evaluate/statistics.hpp"

namespace duel {

// The Gaussian with the mean and covariance of `statistics`, its covariance taken apart: Σ = L Lᵀ, from its
// eigenvalues. Those below d·ε·λmax are rounding and taken as 0. Throws UserError(ExitCode::data) for a matrix that is
// no covariance.
class Gaussian {
 public:
  explicit Gaussian(const FeatureStatistics& statistics);

  int64_t width() const { return static_cast<int64_t>(mean_.size()); }
  int64_t rank() const { return rank_; }
  bool rank_deficient() const { return rank_ < width(); }
  double trace() const { return trace_; }
  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& factor() const { return factor_; }  // L: [width, rank], column by column

 private:
  std::vector<double> mean_;
  std::vector<double> factor_;
  int64_t rank_ = 0;
  double trace_ = 0;
};

// ‖μ₁−μ₂‖² + tr Σ₁ + tr Σ₂ − 2‖L₁ᵀL₂‖_*, where the nuclear norm is the sum of the singular values and equals tr √(Σ₁Σ₂)
// (Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982). Not negative: what
// rounding leaves below 0 is 0.
double frechet_distance(const Gaussian& a, const Gaussian& b);

// What is said of covariances that lack rank. One of them does.
std::string rank_warning(bool of_reals, bool of_fakes);

}  // namespace duel
