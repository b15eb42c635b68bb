// Derivatives inside expressions, and keeping them out.
#pragma once

#include "registry/value.hpp"

namespace duel {

// The derivative of the sum of `of` by `wrt`, of wrt's shape: gradient(d_mix, mix), each row's own gradient
// (registry/rows.hpp). It can be differentiated again, so a gradient penalty is a loss like any other.
class GradientValue final : public ValueFunction {
 public:
  Expression of;
  Expression wrt;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<GradientValue>& d);
};

// x, as a constant: nothing before it is moved by a loss behind it.
class StopGradientValue final : public ValueFunction {
 public:
  Expression x;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<StopGradientValue>& d);
};

}  // namespace duel
