#include "plugins/losses/feature_matching.hpp"

#include <fmt/format.h>

#include "graph/op.hpp"

namespace duel {

Tensor FeatureMatching::build(ValueContext& context) const {
  const Tensor of_real = context.evaluate(real);
  const Tensor of_fake = context.evaluate(fake);
  if (of_real.rank() == 0 || of_fake.rank() == 0 ||
      of_real.shape().without_first() != of_fake.shape().without_first()) {
    throw ShapeError(fmt::format("feature_matching: needs rows of the same features, not {} and {}",
                                 to_string(of_real.shape()), to_string(of_fake.shape())));
  }
  const int64_t batch_axis[] = {0};
  const Tensor difference = mean(of_real, batch_axis) - mean(of_fake, batch_axis);
  return sum(order == 1 ? abs(difference) : square(difference));
}

void FeatureMatching::declare(Declaration<FeatureMatching>& d) {
  d.help("the distance between the mean features of real and of generated data, for the generator");
  d.reference("Salimans et al. 2016, Improved Techniques for Training GANs, section 3.1");
  d.parameter("real", &FeatureMatching::real, "features of real data, such as a named output of the discriminator")
      .required();
  d.parameter("fake", &FeatureMatching::fake, "the same features of generated data").required();
  d.parameter("order", &FeatureMatching::order, "2: the sum of squared differences; 1: of absolute ones").min(1).max(2);
}

}  // namespace duel
