#include "plugins/losses/lecam.hpp"

namespace duel {

Tensor LeCam::build(ValueContext& context) const {
  const Tensor real_output = context.evaluate(real);
  const Tensor fake_output = context.evaluate(fake);
  const Tensor real_average = context.state("real", {}, 0);
  const Tensor fake_average = context.state("fake", {}, 0);
  context.set_state("real", decay * real_average + (1 - decay) * mean(real_output));
  context.set_state("fake", decay * fake_average + (1 - decay) * mean(fake_output));
  return mean(square(real_output - fake_average)) + mean(square(fake_output - real_average));
}

std::string LeCam::conflict() const { return decay < 1 ? "" : "the decay of a moving average must be less than 1"; }

void LeCam::declare(Declaration<LeCam>& d) {
  d.help("draws what the discriminator says of real data to what it used to say of generated data, and the reverse");
  d.reference("Tseng et al. 2021, Regularizing Generative Adversarial Networks under Limited Data, section 3");
  d.parameter("real", &LeCam::real, "the discriminator's output for real data").required();
  d.parameter("fake", &LeCam::fake, "the discriminator's output for generated data").required();
  d.parameter("decay", &LeCam::decay, "share of the moving averages that each step keeps").min(0).max(1);
}

}  // namespace duel
