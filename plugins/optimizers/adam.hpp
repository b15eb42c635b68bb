// Adam and its decoupled form.
#pragma once

#include <string>

#include "registry/optimizer.hpp"

namespace duel {

// Kingma and Ba 2015, algorithm 1: m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², and with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ)
//   epsilon_added_to v_hat   w ← w − lr·m̂/(√v̂ + ε)                                 (the algorithm; PyTorch)
//   epsilon_added_to v       w ← w − lr·√(1−β₂ᵗ)/(1−β₁ᵗ)·m/(√v + ε)                (end of section 2; Keras)
// amsgrad: the largest v so far in the place of v (Reddi et al. 2018, algorithm 2, with Adam's corrections).
class AdamFamily : public Optimizer {
 public:
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0;
  bool amsgrad = false;
  std::string epsilon_added_to = "v";

  std::string conflict() const;

 protected:
  Tensor descend(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const;

  template <class Component>
  static void declare_moments(Declaration<Component>& d) {
    d.parameter("beta1", &Component::beta1, "share of the moving average of gradients that is kept").min(0).max(1);
    d.parameter("beta2", &Component::beta2, "share of the moving average of their squares that is kept").min(0).max(1);
    d.parameter("epsilon", &Component::epsilon, "keeps the divisor from 0").above(0).preset("1e-7", "1e-8");
    d.parameter("epsilon_added_to", &Component::epsilon_added_to,
                "v: the root of the moving average itself (Keras); v_hat: of the bias-corrected one (PyTorch)")
        .one_of({"v", "v_hat"})
        .preset("v", "v_hat");
    d.parameter("amsgrad", &Component::amsgrad, "divide by the root of the largest moving average so far");
  }

 private:
  Tensor second_moment(OptimizerContext& context, const Tensor& gradient) const;
  Tensor step_size(OptimizerContext& context) const;
  Tensor root(OptimizerContext& context, const Tensor& v) const;
};

// Weight decay, if any, is a penalty: its gradient goes through the moments.
class Adam final : public AdamFamily {
 public:
  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  static void declare(Declaration<Adam>& d);
};

// Loshchilov and Hutter 2019, algorithm 2: the weight decays by lr·weight_decay beside Adam's step.
class AdamW final : public AdamFamily {
 public:
  Tensor update(OptimizerContext& context, const Tensor& weight, const Tensor& gradient) const override;
  static void declare(Declaration<AdamW>& d);
};

}  // namespace duel
