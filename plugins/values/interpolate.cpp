#include "plugins/values/interpolate.hpp"

#include "graph/op.hpp"

namespace duel {

Tensor InterpolateValue::build(ValueContext& context) const {
  const Tensor left = context.evaluate(a);
  const Tensor right = context.evaluate(b);
  if (left.shape() != right.shape() || left.rank() == 0) {
    throw ShapeError(fmt::format("interpolate: needs two values of one shape, not {} and {}", to_string(left.shape()),
                                 to_string(right.shape())));
  }
  Shape one_a_row = left.shape();
  for (int axis = 1; axis < one_a_row.rank(); ++axis) one_a_row[axis] = 1;
  const Tensor share = random_uniform(context.graph(), stream(context, "interpolate"), one_a_row);
  return right + share * (left - right);
}

void InterpolateValue::declare(Declaration<InterpolateValue>& d) {
  d.help("a random point on the line between each row of a and b: interpolate(real, fake)");
  d.reference("Gulrajani et al. 2017, Improved Training of Wasserstein GANs, algorithm 1");
  d.parameter("a", &InterpolateValue::a, "one end").required();
  d.parameter("b", &InterpolateValue::b, "the other end, of the same shape").required();
  declare_redraw(d);
}

}  // namespace duel
