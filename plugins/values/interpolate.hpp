// Points between two values.
#pragma once

#include "plugins/values/random.hpp"

namespace duel {

// ε·a + (1−ε)·b with one ε a row, uniform in [0, 1): where WGAN-GP asks for gradients (Gulrajani et al. 2017, algorithm
// 1). a and b have one shape, the batch first.
class InterpolateValue final : public RandomValue {
 public:
  Expression a;
  Expression b;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<InterpolateValue>& d);
};

}  // namespace duel
