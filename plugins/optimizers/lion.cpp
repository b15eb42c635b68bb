#include "plugins/optimizers/lion.hpp"

#include "plugins/optimizers/common.hpp"

namespace duel {

Tensor Lion::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  const Tensor m = context.state("m", 0);
  const Tensor direction = sign(moving_average(m, gradient, beta1));
  context.set_state("m", moving_average(m, gradient, beta2));
  return with_decay(context, *this, weight, weight_decay) - learning_rate(context, *this) * direction;
}

std::string Lion::conflict() const { return decay_conflict(beta1, beta2); }

void Lion::declare(Declaration<Lion>& d) {
  d.help("steps of one size, in the direction of the sign of a moving average");
  d.reference("Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, algorithm 2");
  declare_learning_rate(d, "0.0001", "0.0001");
  d.parameter("beta1", &Lion::beta1, "share of the moving average in the step's direction").min(0).max(1);
  d.parameter("beta2", &Lion::beta2, "share of the moving average that is kept").min(0).max(1);
  d.parameter("weight_decay", &Lion::weight_decay, "times lr: the share of the weight each update takes away").min(0);
}

}  // namespace duel
