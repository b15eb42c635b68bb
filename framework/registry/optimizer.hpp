// The interface of optimizers: an elementwise program that turns a gradient into an update.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ops/ops.hpp"
#include "registry/parameters.hpp"
#include "registry/schedule.hpp"

namespace duel {

// What an optimizer may use while it is emitted for one weight; made by framework/model.
class OptimizerContext {
 public:
  virtual ~OptimizerContext() = default;
  // Per-weight state of the weight's shape (a moment), in its present version; starts as `initial`.
  virtual Tensor state(const std::string& name, double initial) = 0;
  virtual void set_state(const std::string& name, const Tensor& value) = 0;
  // A number that the host computes in double precision before each step: a learning rate, a bias correction. One
  // scalar node a name and player. In `clock`, updates is how many this player has done before the one being computed.
  virtual Tensor number(const std::string& name, std::function<double(const Clock& clock)> value) = 0;
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Parameters that every optimizer has.
  std::shared_ptr<const Schedule> lr;  // learning rate
  std::optional<double> clip_value;    // each gradient element into ±clip_value
  std::optional<double> clip_norm;     // the gradients of all weights together to this norm at most
  std::optional<double> clip_weights;  // each weight into ±clip_weights after its update
  int64_t accumulate = 1;              // update once in n turns, with the mean of their gradients

  // The weight's next value. Clipping (of gradients before, of the weight behind) and accumulation are done by the
  // caller.
  virtual Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const = 0;

  template <class Component>
  static void declare_common(Declaration<Component>& d) {
    d.parameter("clip_value", &Component::clip_value, "clip each element of the gradients into ±this").above(0);
    d.parameter("clip_norm", &Component::clip_norm,
                "scale the player's gradients so that their norm together is at most this")
        .above(0);
    d.parameter("clip_weights", &Component::clip_weights,
                "clip each weight into ±this after each update (Arjovsky et al. 2017, Wasserstein GAN, algorithm 1)")
        .above(0);
    d.parameter("accumulate", &Component::accumulate, "update once in n turns, with the mean gradient of the n").min(1);
  }
};

}  // namespace duel
