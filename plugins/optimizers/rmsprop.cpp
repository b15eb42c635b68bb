#include "plugins/optimizers/rmsprop.hpp"

#include "plugins/optimizers/common.hpp"

namespace duel {

Tensor RmsProp::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  const Tensor slope = with_penalty(gradient, weight, weight_decay);
  const Tensor v = spread(context, slope);
  const Tensor scaled = slope / (epsilon_added_to == "v" ? sqrt(v + epsilon) : sqrt(v) + epsilon);
  const Tensor lr_now = learning_rate(context, *this);
  if (momentum == 0) return weight - lr_now * scaled;
  const Tensor velocity = momentum * context.state("velocity", 0) + (lr_in_velocity ? lr_now * scaled : scaled);
  context.set_state("velocity", velocity);
  return weight - (lr_in_velocity ? velocity : lr_now * velocity);
}

// The moving average of g², or the variance of g.
Tensor RmsProp::spread(OptimizerContext& context, const Tensor& slope) const {
  const Tensor v = moving_average(context.state("v", 0), square(slope), decay);
  context.set_state("v", v);
  if (!centered) return v;
  const Tensor center = moving_average(context.state("center", 0), slope, decay);
  context.set_state("center", center);
  return maximum(v - square(center), 0);  // rounding can make it less than nothing
}

std::string RmsProp::conflict() const { return decay_conflict(decay, 0); }

void RmsProp::declare(Declaration<RmsProp>& d) {
  d.help("gradients divided by the root of a moving average of their squares");
  d.reference("Hinton, Srivastava and Swersky 2012, lecture 6e; centered: Graves 2013, equation 40");
  declare_learning_rate(d, "0.001", "0.01");
  d.parameter("decay", &RmsProp::decay, "share of the moving average that is kept (Keras rho, PyTorch alpha)")
      .min(0)
      .max(1)
      .preset("0.9", "0.99");
  d.parameter("momentum", &RmsProp::momentum, "share of the velocity that is kept").min(0).max(1);
  d.parameter("centered", &RmsProp::centered, "divide by the standard deviation instead");
  d.parameter("epsilon", &RmsProp::epsilon, "keeps the divisor from 0").above(0).preset("1e-7", "1e-8");
  d.parameter("epsilon_added_to", &RmsProp::epsilon_added_to, "v: sqrt(v + epsilon) (Keras); root: sqrt(v) + epsilon")
      .one_of({"v", "root"})
      .preset("v", "root");
  d.parameter("weight_decay", &RmsProp::weight_decay, "factor of the weight that is added to its gradient").min(0);
  d.parameter("lr_in_velocity", &RmsProp::lr_in_velocity,
              "with momentum: sum lr times step into the velocity (Keras), not the step (PyTorch)")
      .preset("true", "false");
}

}  // namespace duel
