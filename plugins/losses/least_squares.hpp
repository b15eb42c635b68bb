// Least squares, as a game or between two values.
#pragma once

#include <optional>

#include "plugins/losses/adversarial.hpp"

namespace duel {

// Mao et al. 2017, section 3.1, equation 2, with a, b, c = fake_target, real_target, generator_target:
//   discriminator   factor·(E(D(x) − b)² + E(D(G(z)) − a)²)
//   generator       factor·E(D(G(z)) − c)²
// or, of `prediction` and `target` alone, factor·mean((prediction − target)²). The paper's factor is ½; many programs
// take 1.
class LeastSquares final : public AdversarialLoss {
 public:
  std::optional<Expression> prediction;
  std::optional<Expression> target;
  double factor = 0.5;
  double fake_target = 0;
  double real_target = 1;
  double generator_target = 1;

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<LeastSquares>& d);

 protected:
  Judgement discriminator_judgement() const override;
  Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const override;
  Tensor generator_terms(const Tensor& fake_output) const override;
};

}  // namespace duel
