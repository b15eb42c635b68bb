// RMSprop.
#pragma once

#include <string>

#include "registry/optimizer.hpp"

namespace duel {

// v ← ρ·v + (1 − ρ)·g², w ← w − lr·g/√v (Hinton, Srivastava and Swersky 2012, lecture 6e); centered: √(v − ḡ²) with the
// moving average ḡ of g (Graves 2013, equation 40). Keras adds ε under the root and sums lr·g/√… into the momentum's
// velocity; PyTorch adds ε to the root and multiplies the velocity by the present learning rate.
class RmsProp final : public Optimizer {
 public:
  double decay = 0.9;  // ρ
  double epsilon = 1e-7;
  double momentum = 0;
  double weight_decay = 0;
  bool centered = false;
  bool lr_in_velocity = false;
  std::string epsilon_added_to = "v";  // v: √(v + ε); root: √v + ε

  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  std::string conflict() const;
  static void declare(Declaration<RmsProp>& d);

 private:
  Tensor spread(OptimizerContext& context, const Tensor& slope) const;
};

}  // namespace duel
