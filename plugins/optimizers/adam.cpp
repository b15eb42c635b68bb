#include "plugins/optimizers/adam.hpp"

#include <cmath>

#include "plugins/optimizers/common.hpp"

namespace duel {

// Both forms are step_size·m/(√v + ε'), as √v̂ + ε = (√v + ε·√(1−β₂ᵗ))/√(1−β₂ᵗ): the corrections are left to the host.
Tensor AdamFamily::descend(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  const Tensor m = moving_average(context.state("m", 0), gradient, beta1);
  context.set_state("m", m);
  return weight - step_size(context) * (m / root(context, second_moment(context, gradient)));
}

Tensor AdamFamily::second_moment(OptimizerContext& context, const Tensor& gradient) const {
  const Tensor v = moving_average(context.state("v", 0), square(gradient), beta2);
  context.set_state("v", v);
  if (!amsgrad) return v;
  const Tensor largest = maximum(context.state("largest_v", 0), v);
  context.set_state("largest_v", largest);
  return largest;
}

Tensor AdamFamily::step_size(OptimizerContext& context) const {
  return context.number("step_size", [rate = lr, first = beta1, second = beta2](const Clock& clock) {
    return rate->at(clock) * std::sqrt(filled(second, clock)) / filled(first, clock);
  });
}

Tensor AdamFamily::root(OptimizerContext& context, const Tensor& v) const {
  if (epsilon_added_to == "v") return sqrt(v) + epsilon;
  return sqrt(v) + context.number("epsilon", [small = epsilon, second = beta2](const Clock& clock) {
    return small * std::sqrt(filled(second, clock));
  });
}

std::string AdamFamily::conflict() const { return decay_conflict(beta1, beta2); }

Tensor Adam::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  return descend(context, weight, with_penalty(gradient, weight, weight_decay));
}

void Adam::declare(Declaration<Adam>& d) {
  d.help("adaptive moments: gradients' moving average over the root of their squares' moving average");
  d.reference("Kingma and Ba 2015, Adam, algorithm 1; amsgrad: Reddi et al. 2018");
  declare_learning_rate(d, "0.001", "0.001");
  declare_moments(d);
  d.parameter("weight_decay", &Adam::weight_decay, "factor of the weight that is added to its gradient").min(0);
}

Tensor AdamW::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  return descend(context, with_decay(context, *this, weight, weight_decay), gradient);
}

void AdamW::declare(Declaration<AdamW>& d) {
  d.help("Adam with decoupled weight decay");
  d.reference("Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, algorithm 2");
  declare_learning_rate(d, "0.001", "0.001");
  declare_moments(d);
  d.parameter("weight_decay", &AdamW::weight_decay, "times lr: the share of the weight that each update takes away")
      .min(0)
      .preset("0.004", "0.01");
}

}  // namespace duel
