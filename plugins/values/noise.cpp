#include "plugins/values/noise.hpp"

namespace duel {

Tensor NoiseValue::build(ValueContext& context) const {
  const Tensor clean = context.evaluate(x);
  const Tensor draw = random_normal(context.graph(), stream(context, "noise"), clean.shape());
  return clean + context.number(*deviation) * draw;
}

void NoiseValue::declare(Declaration<NoiseValue>& d) {
  d.help("a value plus independent normal noise: noise(real, 0.1)");
  d.reference("Arjovsky and Bottou 2017, Towards Principled Methods for Training GANs, section 3");
  d.parameter("x", &NoiseValue::x, "the value").required();
  d.parameter("deviation", &NoiseValue::deviation, "standard deviation of the noise; may be a schedule")
      .required()
      .min(0);
  declare_redraw(d);
}

}  // namespace duel
