#include "plugins/losses/gradient_penalty.hpp"

#include "registry/rows.hpp"

namespace duel {

Tensor GradientPenalty::build(ValueContext& context) const {
  const Tensor slope = row_gradients(context, of, wrt, "gradient_penalty");
  // Lengths are never negative, so both sides are the same.
  if (target == 0) return mean(row_squares(slope, "gradient_penalty"));
  const Tensor excess = row_norms(slope, norm_epsilon, "gradient_penalty") - target;
  return mean(square(sides == "one" ? maximum(excess, 0) : excess));
}

void GradientPenalty::declare(Declaration<GradientPenalty>& d) {
  d.help("the mean of (length of the discriminator's gradient - target)², each row's at its own input");
  d.reference(
      "Gulrajani et al. 2017, Improved Training of Wasserstein GANs, equation 3; one-sided: Petzka et al. 2018; "
      "target 0: Thanh-Tung et al. 2019");
  d.parameter("of", &GradientPenalty::of, "the discriminator's output, such as discriminator(mix)").required();
  d.parameter("wrt", &GradientPenalty::wrt, "the value it is computed from, such as mix: interpolate(real, fake)")
      .required();
  d.parameter("target", &GradientPenalty::target, "the length that is asked for; 0 is the zero-centred penalty").min(0);
  d.parameter("sides", &GradientPenalty::sides, "two: of any difference; one: only of lengths above the target")
      .one_of({"two", "one"});
}

Tensor ZeroCentredPenalty::penalty(ValueContext& context, const char* kind) const {
  return 0.5 * mean(row_squares(row_gradients(context, of, wrt, kind), kind));
}

}  // namespace duel
