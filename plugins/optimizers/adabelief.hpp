// AdaBelief.
#pragma once

#include <string>

#include "registry/optimizer.hpp"

namespace duel {

// Zhuang et al. 2020, algorithm 2: as Adam, but the step is divided by the root of how far gradients stray from their
// moving average: s ← β₂·s + (1−β₂)·(g − m)² + ε, w ← w − lr·m̂/(√ŝ + ε). Weight decay is decoupled.
class AdaBelief final : public Optimizer {
 public:
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-16;
  double weight_decay = 0;

  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  std::string conflict() const;
  static void declare(Declaration<AdaBelief>& d);
};

}  // namespace duel
