#include "plugins/values/flip.hpp"

#include <numeric>
#include <vector>

#include "graph/op.hpp"

namespace duel {
namespace {

// The axis is brought to the front, where rows can be gathered in any order, and back.
Tensor reversed(const Tensor& x, int axis) {
  std::vector<int64_t> order(static_cast<std::size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[0], order[static_cast<std::size_t>(axis)]);  // its own inverse
  const int64_t extent = x.shape()[axis];
  const Tensor backwards = static_cast<double>(extent - 1) - iota(x.graph(), extent);
  return permute(gather(permute(x, order), backwards), order);
}

}  // namespace

Tensor FlipValue::build(ValueContext& context) const {
  const Tensor whole = context.evaluate(x);
  const int64_t from_front = axis < 0 ? axis + whole.rank() : axis;
  if (from_front < 1 || from_front >= whole.rank()) {
    throw ShapeError(fmt::format("flip: {} has no axis {} besides the batch", to_string(whole.shape()), axis));
  }
  const Tensor turned = reversed(whole, static_cast<int>(from_front));
  if (probability->is_constant() && probability->at({}) >= 1) return turned;
  Shape one_a_row = whole.shape();
  for (int i = 1; i < one_a_row.rank(); ++i) one_a_row[i] = 1;
  const Tensor u = random_uniform(context.graph(), stream(context, "flip"), one_a_row);
  return select(less(u, context.number(*probability)), turned, whole);
}

void FlipValue::declare(Declaration<FlipValue>& d) {
  d.help("a value mirrored along an axis: flip(image), flip(image, probability=0.5)");
  d.parameter("x", &FlipValue::x, "the value").required();
  d.parameter("axis", &FlipValue::axis, "which axis is reversed; axis 0 is the batch, which stays; -2 an image's width")
      .min(-7)
      .max(7);
  d.parameter("probability", &FlipValue::probability, "how likely each row is to be turned; may be a schedule")
      .min(0)
      .max(1);
  declare_redraw(d);
}

}  // namespace duel
