// A probability that follows a signal of training.
#pragma once

#include "registry/value.hpp"

namespace duel {

// The probability of augmentations as adaptive discriminator augmentation sets it (Karras et al. 2020, section 3): it
// begins at 0, and each step adds batch/images where `signal` is above `target` and takes as much where it is below,
// within 0 and 1. The signal that the paper takes in the end is mean(sign(d_real)). Here the probability moves each
// step by the signal of that step, there each fourth by the mean of four. The signal may depend on the probability.
class AdaptiveValue final : public ValueFunction {
 public:
  Expression signal;
  double target = 0.6;
  double images = 500000;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<AdaptiveValue>& d);
};

}  // namespace duel
