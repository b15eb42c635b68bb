// Stochastic gradient descent.
#pragma once

#include "registry/optimizer.hpp"

namespace duel {

// w ← w − lr·g; with momentum μ (Polyak 1964) v ← μ·v + (1 − dampening)·g and w ← w − lr·v, or, Nesterov's way
// (Sutskever et al. 2013, in the form of Bengio et al. 2012), w ← w − lr·(g + μ·v). The first update is not dampened.
// PyTorch multiplies the velocity by the present learning rate; Keras sums lr·g into it (lr_in_velocity). The two
// differ only where the learning rate changes.
class Sgd final : public Optimizer {
 public:
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool lr_in_velocity = false;

  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  std::string conflict() const;
  static void declare(Declaration<Sgd>& d);

 private:
  Tensor dampened(OptimizerContext& context, const Tensor& step) const;
};

}  // namespace duel
