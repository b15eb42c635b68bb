// Values kept between bounds.
#pragma once

#include "registry/value.hpp"

namespace duel {

// x, but `low` where it is less and `high` where it is greater (then `high` also wins over a greater `low`, as in
// NumPy). The bounds are numbers, schedules or values that broadcast with x. The derivative by x is 1 from bound to
// bound, both included, and 0 beyond, where it is the bound's. What is not a number stays so.
class ClipValue final : public ValueFunction {
 public:
  Expression x;
  Expression low;
  Expression high;

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<ClipValue>& d);
};

}  // namespace duel
