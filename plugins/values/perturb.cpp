#include "plugins/values/perturb.hpp"

namespace duel {

Tensor PerturbValue::build(ValueContext& context) const {
  const Tensor clean = context.evaluate(x);
  const Tensor deviation = sqrt(mean(square(stop_gradient(clean - mean(clean)))));
  const Tensor draw = random_uniform(context.graph(), stream(context, "perturb"), clean.shape());
  return clean + context.number(*scale) * stop_gradient(deviation) * draw;
}

void PerturbValue::declare(Declaration<PerturbValue>& d) {
  d.help("x + scale·std(x)·u, u uniform in [0, 1) for each element: interpolate(perturb(real), real)");
  d.reference("Kodali et al. 2017, On convergence and stability of GANs (DRAGAN), and its published program");
  d.parameter("x", &PerturbValue::x, "the value").required();
  d.parameter("scale", &PerturbValue::scale, "of the noise, in standard deviations of x; may be a schedule").min(0);
  declare_redraw(d);
}

}  // namespace duel
