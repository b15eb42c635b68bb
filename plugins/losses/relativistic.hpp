// The relativistic games.
#pragma once

#include <string>

#include "registry/value.hpp"

namespace duel {

// Jolicoeur-Martineau 2019, "The relativistic discriminator: a key element missing from standard GAN". With C the
// outputs and the costs A (of what should seem real) and B (of what should seem generated) of `form`
//   bce            A(x) = softplus(−x)      B(x) = softplus(x)
//   least_squares  A(x) = (x − 1)²          B(x) = (x + 1)²
//   hinge          A(x) = max(0, 1 − x)     B(x) = max(0, 1 + x)
// it is, averaged (`average`; RaGAN, RaLSGAN, RaHingeGAN; section 4),
//   discriminator  E A(C(x) − E C(G(z))) + E B(C(G(z)) − E C(x))
//   generator      E A(C(G(z)) − E C(x)) + E B(C(x) − E C(G(z)))
// and else in pairs, row by row (RGAN; equations 5 and 6), which takes as many real rows as generated ones:
//   discriminator  E A(C(x) − C(G(z)))      generator  E A(C(G(z)) − C(x))
// Derivatives go through the means. Both sides depend on both outputs.
class Relativistic final : public Loss {
 public:
  Expression real;
  Expression fake;
  std::string side;  // discriminator | generator
  bool average = true;
  std::string form = "bce";  // bce | least_squares | hinge

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<Relativistic>& d);

 private:
  Tensor cost_as_real(const Tensor& x) const;
  Tensor cost_as_fake(const Tensor& x) const;
};

}  // namespace duel
