// Examples moved a little, to where DRAGAN asks for gradients.
#pragma once

#include <memory>

#include "plugins/values/random.hpp"

namespace duel {

// x + scale·σ·u with u uniform in [0, 1), one an element, and σ the standard deviation of all elements of x (over their
// number, not one less), which counts as a constant: the form of the program that Kodali et al. 2017 published. Where
// the paper speaks of noise in both directions, that program adds it in one.
class PerturbValue final : public RandomValue {
 public:
  Expression x;
  std::shared_ptr<const Schedule> scale = constant_schedule(0.5);

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<PerturbValue>& d);
};

}  // namespace duel
