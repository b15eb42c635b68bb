#include "plugins/optimizers/adabelief.hpp"

#include <cmath>

#include "plugins/optimizers/common.hpp"

namespace duel {

// The bias corrections are folded into the step size and ε, as Adam's are.
Tensor AdaBelief::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  const Tensor m = moving_average(context.state("m", 0), gradient, beta1);
  const Tensor s = moving_average(context.state("s", 0), square(gradient - m), beta2) + epsilon;
  context.set_state("m", m);
  context.set_state("s", s);
  const auto root_of_filled = [second = beta2](const Clock& clock) { return std::sqrt(filled(second, clock)); };
  const Tensor step_size = context.number("step_size", [rate = lr, first = beta1, root_of_filled](const Clock& clock) {
    return rate->at(clock) * root_of_filled(clock) / filled(first, clock);
  });
  const Tensor least = context.number(
      "epsilon", [small = epsilon, root_of_filled](const Clock& clock) { return small * root_of_filled(clock); });
  return with_decay(context, *this, weight, weight_decay) - step_size * (m / (sqrt(s) + least));
}

std::string AdaBelief::conflict() const { return decay_conflict(beta1, beta2); }

void AdaBelief::declare(Declaration<AdaBelief>& d) {
  d.help("Adam whose steps are long where gradients come as expected");
  d.reference("Zhuang et al. 2020, AdaBelief Optimizer, algorithm 2");
  declare_learning_rate(d, "0.001", "0.001");
  d.parameter("beta1", &AdaBelief::beta1, "share of the moving average of gradients that is kept").min(0).max(1);
  d.parameter("beta2", &AdaBelief::beta2, "share of the moving average of squared surprises that is kept")
      .min(0)
      .max(1);
  d.parameter("epsilon", &AdaBelief::epsilon, "keeps the divisor from 0").above(0);
  d.parameter("weight_decay", &AdaBelief::weight_decay, "times lr: the share of the weight each update takes away")
      .min(0);
}

}  // namespace duel
