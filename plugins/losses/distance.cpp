#include "plugins/losses/distance.hpp"

#include "plugins/losses/match.hpp"

namespace duel {

Tensor DistanceLoss::build(ValueContext& context) const {
  const Tensor a = context.evaluate(value);
  return mean(of_difference(a - match_shape("a distance", context.evaluate(target), a)));
}

Tensor L1::of_difference(const Tensor& difference) const { return abs(difference); }
void L1::declare(Declaration<L1>& d) {
  d.help("mean absolute difference, element by element: mean(|value - target|)");
  declare_pair(d);
}

Tensor L2::of_difference(const Tensor& difference) const { return square(difference); }
void L2::declare(Declaration<L2>& d) {
  d.help("mean squared difference, element by element: mean((value - target)²)");
  declare_pair(d);
}

Tensor Huber::of_difference(const Tensor& difference) const {
  const Tensor size = abs(difference);
  const Tensor near = minimum(size, delta);
  return near * (size - 0.5 * near);
}
void Huber::declare(Declaration<Huber>& d) {
  d.help("squared near the target, linear far from it: ½d² where |d| <= delta, else delta·(|d| - ½delta)");
  d.reference("Huber 1964, Robust Estimation of a Location Parameter");
  declare_pair(d);
  d.parameter("delta", &Huber::delta, "where the square turns into a line").above(0);
}

}  // namespace duel
