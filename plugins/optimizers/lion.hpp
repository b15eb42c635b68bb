// Lion.
#pragma once

#include <string>

#include "registry/optimizer.hpp"

namespace duel {

// Chen et al. 2023, algorithm 2: w ← w − lr·(sign(β₁·m + (1−β₁)·g) + weight_decay·w), then m ← β₂·m + (1−β₂)·g.
class Lion final : public Optimizer {
 public:
  double beta1 = 0.9;
  double beta2 = 0.99;
  double weight_decay = 0;

  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  std::string conflict() const;
  static void declare(Declaration<Lion>& d);
};

}  // namespace duel
