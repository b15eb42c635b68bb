#include "plugins/values/gradient.hpp"

#include "registry/rows.hpp"

namespace duel {

Tensor GradientValue::build(ValueContext& context) const { return row_gradients(context, of, wrt, "gradient()"); }

void GradientValue::declare(Declaration<GradientValue>& d) {
  d.help("the derivative of the sum of one value by another; differentiable again: gradient(d_mix, mix)");
  d.parameter("of", &GradientValue::of, "what is differentiated, such as a discriminator's output").required();
  d.parameter("wrt", &GradientValue::wrt, "with respect to what: a value that it is computed from").required();
}

Tensor StopGradientValue::build(ValueContext& context) const { return stop_gradient(context.evaluate(x)); }

void StopGradientValue::declare(Declaration<StopGradientValue>& d) {
  d.help("the value as a constant: no derivative goes through it");
  d.parameter("x", &StopGradientValue::x, "the value").required();
}

}  // namespace duel
