// Values of the step before.
#pragma once

#include "registry/value.hpp"

namespace duel {

// What x was in the step of training before, or `initial` throughout in the first: m: 0.9 * previous(m) + 0.1 *
// mean(x). A value may depend on itself by it. x is one number, or of the whole shape `shape`, which the batch must
// then not change. It is computed in the first turn of the step that uses this function, behind that turn's losses and
// before its updates; nothing is trained through it. A step that does not use this function leaves what is remembered
// as it is. In samples and evaluations it is what the last step left. x of another shape is a UserError at x.
class PreviousValue final : public ValueFunction {
 public:
  Expression x;
  double initial = 0;
  Shape shape;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<PreviousValue>& d);
};

}  // namespace duel
