#include "plugins/losses/relativistic.hpp"

#include "plugins/losses/match.hpp"

namespace duel {

Tensor Relativistic::build(ValueContext& context) const {
  const Tensor real_output = context.evaluate(real);
  const Tensor fake_output = context.evaluate(fake);
  // What the player wants to seem more real than the other.
  const Tensor& better = side == "generator" ? fake_output : real_output;
  const Tensor& worse = side == "generator" ? real_output : fake_output;
  if (!average) return mean(cost_as_real(better - match_shape("relativistic", worse, better)));
  return mean(cost_as_real(better - mean(worse))) + mean(cost_as_fake(worse - mean(better)));
}

Tensor Relativistic::cost_as_real(const Tensor& x) const {
  if (form == "least_squares") return square(x - 1);
  return form == "hinge" ? maximum(1 - x, 0) : softplus(-x);
}

Tensor Relativistic::cost_as_fake(const Tensor& x) const {
  if (form == "least_squares") return square(x + 1);
  return form == "hinge" ? maximum(1 + x, 0) : softplus(x);
}

void Relativistic::declare(Declaration<Relativistic>& d) {
  d.help("a game about how much more real the real data seem than generated data, on average or in pairs");
  d.reference("Jolicoeur-Martineau 2019, The relativistic discriminator, equations 5 and 6 and section 4");
  d.parameter("real", &Relativistic::real, "the discriminator's output for real data, for both sides").required();
  d.parameter("fake", &Relativistic::fake, "the discriminator's output for generated data").required();
  d.parameter("side", &Relativistic::side, "whose loss it is: discriminator or generator")
      .one_of({"discriminator", "generator"})
      .required();
  d.parameter("average", &Relativistic::average, "compare with the mean of the other kind, not with the row beside it");
  d.parameter("form", &Relativistic::form, "how a difference is judged").one_of({"bce", "least_squares", "hinge"});
}

}  // namespace duel
