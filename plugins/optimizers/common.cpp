#include "plugins/optimizers/common.hpp"

#include <cmath>

namespace duel {

Tensor learning_rate(OptimizerContext& context, const Optimizer& optimizer) {
  return context.number("lr", [lr = optimizer.lr](const Clock& clock) { return lr->at(clock); });
}

Tensor moving_average(const Tensor& old, const Tensor& value, double decay) {
  return decay * old + (1 - decay) * value;
}

Tensor with_penalty(const Tensor& gradient, const Tensor& weight, double decay) {
  return decay == 0 ? gradient : gradient + decay * weight;
}

Tensor with_decay(OptimizerContext& context, const Optimizer& optimizer, const Tensor& weight, double decay) {
  if (decay == 0) return weight;
  return weight * context.number("kept_weight",
                                 [lr = optimizer.lr, decay](const Clock& clock) { return 1 - lr->at(clock) * decay; });
}

double filled(double beta, const Clock& clock) { return 1 - std::pow(beta, static_cast<double>(clock.updates + 1)); }

std::string decay_conflict(double first, double second) {
  return first < 1 && second < 1 ? "" : "the decay of a moving average must be less than 1";
}

}  // namespace duel
