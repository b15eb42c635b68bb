// A loss in the user's own words.
#pragma once

#include "registry/value.hpp"

namespace duel {

// The mean over all elements of an expression of the language: `expression: "square(d_real - 1)"`.
class ExpressionLoss final : public Loss {
 public:
  Expression value;

  Tensor build(ValueContext& context) const override { return mean(context.evaluate(value)); }
  static void declare(Declaration<ExpressionLoss>& d) {
    d.help("the mean of an expression, such as \"square(d_real - 1)\"");
    d.parameter("value", &ExpressionLoss::value, "what is averaged over all its elements").required().main();
  }
};

}  // namespace duel
