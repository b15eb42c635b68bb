// Discriminators for little data.
#pragma once

#include "registry/value.hpp"

namespace duel {

// E (D(x) − α_F)² + E (D(G(z)) − α_R)², with α_R and α_F moving averages of what the discriminator says of real and of
// generated data, as the step before left them: α ← decay·α + (1−decay)·E D (Tseng et al. 2021, section 3). They start
// as 0, what an undecided discriminator says, are kept in checkpoints, and no derivative goes through them.
class LeCam final : public Loss {
 public:
  Expression real;
  Expression fake;
  double decay = 0.99;

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<LeCam>& d);
};

}  // namespace duel
