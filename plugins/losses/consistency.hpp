// A discriminator that says the same of an example and of its augmentation.
#pragma once

#include "registry/value.hpp"

namespace duel {

// E ‖D(x) − D(T(x))‖², summed over what D says of a row and averaged over the rows (Zhang et al. 2020, section 3).
class Consistency final : public Loss {
 public:
  Expression of;
  Expression augmented;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<Consistency>& d);
};

}  // namespace duel
