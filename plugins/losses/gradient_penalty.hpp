// Penalties on the gradient of a discriminator by its input. Each row's gradient is that of the row's own output (batch
// normalisation, which mixes rows, apart), and the penalties are differentiable, as every gradient is.
#pragma once

#include <string>

#include "registry/value.hpp"

namespace duel {

// mean over the rows of (‖∇‖ − target)², with ∇ the gradient of `of` by `wrt`:
//   two   Gulrajani et al. 2017, equation 3, where `wrt` is interpolate(real, fake); Kodali et al. 2017 (DRAGAN), where
//   it
//         is real data with noise
//   one   max(0, ‖∇‖ − target)²: only what is steeper is drawn back (Petzka et al. 2018)
// A target of 0 is the zero-centred penalty of Thanh-Tung et al. 2019, and then the mean of ‖∇‖² exactly. Else the norm
// is √(Σ∇² + 1e-12), that of norm(), so that its derivative is finite (and 0) where the gradient is 0.
class GradientPenalty final : public Loss {
 public:
  Expression of;
  Expression wrt;
  double target = 1;
  std::string sides = "two";  // two | one

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<GradientPenalty>& d);
};

// ½ · mean over the rows of ‖∇‖², so that the term's `weight` is γ (Mescheder et al. 2018, section 4.1). No root is
// taken: it is smooth everywhere.
class ZeroCentredPenalty : public Loss {
 public:
  Expression of;
  Expression wrt;

 protected:
  Tensor penalty(ValueContext& context, const char* kind) const;

  template <class Component>
  static void declare_penalty(Declaration<Component>& d, const char* what) {
    d.help(std::string("half the mean squared length of the discriminator's gradient ") + what + "; weight is gamma");
    d.reference("Mescheder et al. 2018, Which Training Methods for GANs do actually Converge?, section 4.1");
    d.parameter("of", &Component::of, "the discriminator's output").required();
    d.parameter("wrt", &Component::wrt, "the data that it is computed from").required();
  }
};

// Of real data: equation 9.
class R1 final : public ZeroCentredPenalty {
 public:
  Tensor build(ValueContext& context) const override { return penalty(context, "r1"); }
  static void declare(Declaration<R1>& d) { declare_penalty(d, "at real data"); }
};

// Of generated data: equation 10.
class R2 final : public ZeroCentredPenalty {
 public:
  Tensor build(ValueContext& context) const override { return penalty(context, "r2"); }
  static void declare(Declaration<R2>& d) { declare_penalty(d, "at generated data"); }
};

}  // namespace duel
