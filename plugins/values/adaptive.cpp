#include "plugins/values/adaptive.hpp"

namespace duel {

Tensor AdaptiveValue::build(ValueContext& context) const {
  const Tensor before = context.state("probability", {}, 0);
  context.set_state_later("probability", [this, &context, before] {
    const Tensor now = context.evaluate(signal);
    if (now.shape().elements() != 1) {
      throw UserError(ExitCode::experiment,
                      Problem{.where = signal.where,
                              .path = {},
                              .what = fmt::format("adaptive(): the signal must be one number, '{}' has the shape {}",
                                                  signal.text, to_string(now.shape())),
                              .remedy = "take its mean",
                              .origin = {}});
    }
    const double step = static_cast<double>(context.batch()) / images;
    return maximum(minimum(before + sign(reshape(now, {}) - target) * step, 1), 0);
  });
  return before;
}

void AdaptiveValue::declare(Declaration<AdaptiveValue>& d) {
  d.help("a probability that grows while a signal is above its target and falls while it is below");
  d.reference("Karras et al. 2020, Training generative adversarial networks with limited data, section 3");
  d.looks_back();
  d.parameter("signal", &AdaptiveValue::signal, "one number of each step, such as mean(sign(d_real))").required();
  d.parameter("target", &AdaptiveValue::target, "what the signal is to be");
  d.parameter("images", &AdaptiveValue::images, "after how many images the probability has gone from 0 to 1").above(0);
}

}  // namespace duel
