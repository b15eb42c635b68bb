#include "plugins/optimizers/sgd.hpp"

#include "plugins/optimizers/common.hpp"

namespace duel {

Tensor Sgd::update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const {
  const Tensor slope = with_penalty(gradient, weight, weight_decay);
  const Tensor lr_now = learning_rate(context, *this);
  if (momentum == 0) return weight - lr_now * slope;
  const Tensor push = lr_in_velocity ? lr_now * slope : slope;
  const Tensor velocity = momentum * context.state("velocity", 0) + dampened(context, push);
  context.set_state("velocity", velocity);
  const Tensor step = nesterov ? push + momentum * velocity : velocity;
  return weight - (lr_in_velocity ? step : lr_now * step);
}

Tensor Sgd::dampened(OptimizerContext& context, const Tensor& step) const {
  if (dampening == 0) return step;
  return step * context.number("undampened",
                               [rate = dampening](const Clock& clock) { return clock.updates == 0 ? 1 : 1 - rate; });
}

std::string Sgd::conflict() const {
  if (nesterov && (momentum == 0 || dampening != 0)) return "nesterov needs a momentum and no dampening";
  if (dampening != 0 && momentum == 0) return "dampening needs a momentum";
  return "";
}

void Sgd::declare(Declaration<Sgd>& d) {
  d.help("stochastic gradient descent, with momentum and weight decay");
  d.reference("Polyak 1964; Nesterov's momentum: Sutskever et al. 2013");
  declare_learning_rate(d, "0.01", "0.01");
  d.parameter("momentum", &Sgd::momentum, "share of the velocity that is kept").min(0).max(1);
  d.parameter("nesterov", &Sgd::nesterov, "look ahead along the velocity");
  d.parameter("dampening", &Sgd::dampening, "share of each gradient but the first that the velocity leaves out")
      .min(0)
      .max(1);
  d.parameter("weight_decay", &Sgd::weight_decay, "factor of the weight that is added to its gradient").min(0);
  d.parameter("lr_in_velocity", &Sgd::lr_in_velocity,
              "sum lr times gradient into the velocity (Keras), not the gradient (PyTorch)")
      .preset("true", "false");
}

}  // namespace duel
