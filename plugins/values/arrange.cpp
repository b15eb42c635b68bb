#include "plugins/values/arrange.hpp"

#include "graph/op.hpp"

namespace duel {

Tensor ConcatValue::build(ValueContext& context) const {
  std::vector<Tensor> values;
  for (const Expression& part : parts) values.push_back(context.evaluate(part));
  return concat(values, static_cast<int>(axis));
}

void ConcatValue::declare(Declaration<ConcatValue>& d) {
  d.help("values joined along an axis: concat(image, condition)");
  d.parameter("parts", &ConcatValue::parts, "the values, in order").required().variadic();
  d.parameter("axis", &ConcatValue::axis, "along which axis; 0 is the batch, -1 the last (an image's channels)")
      .min(-8)
      .max(7);
}

Tensor ReshapeValue::build(ValueContext& context) const {
  const Tensor value = context.evaluate(x);
  if (value.rank() == 0) throw ShapeError("reshape: a single number has no batch to keep");
  return reshape(value, shape.prepend(value.shape()[0]));
}

void ReshapeValue::declare(Declaration<ReshapeValue>& d) {
  d.help("the same elements in another shape; the batch stays: reshape(x, [28, 28, 1])");
  d.parameter("x", &ReshapeValue::x, "the value").required();
  d.parameter("shape", &ReshapeValue::shape, "the new shape of a row, without the batch").required();
}

Tensor PackValue::build(ValueContext& context) const {
  const Tensor value = context.evaluate(x);
  if (value.rank() == 0) throw ShapeError("pack: a single number has no rows");
  const int64_t rows = value.shape()[0];
  if (rows % m != 0) throw ShapeError(fmt::format("pack: {} rows cannot be put together by {}", rows, m));
  Shape row = value.shape().without_first();
  if (row.rank() == 0) row.push_back(1);
  const Tensor apart = reshape(value, row.prepend(m).prepend(rows / m));
  // The axis of the m rows comes right before the last.
  std::vector<int64_t> order{0};
  for (int64_t axis = 2; axis < apart.rank() - 1; ++axis) order.push_back(axis);
  order.insert(order.end(), {1, apart.rank() - 1});
  row[-1] *= m;
  return reshape(permute(apart, order), row.prepend(rows / m));
}

void PackValue::declare(Declaration<PackValue>& d) {
  d.help("each m rows of a batch side by side in the last axis: discriminator(pack(real, 2))");
  d.reference("Lin et al. 2018, PacGAN: the power of two samples in generative adversarial networks, section 3");
  d.parameter("x", &PackValue::x, "the value; its rows must be a multiple of m").required();
  d.parameter("m", &PackValue::m, "how many rows become one").required().min(1);
}

Tensor OneHotValue::build(ValueContext& context) const {
  const Tensor index = context.evaluate(x);
  if (index.rank() == 0 || index.shape().elements() != index.shape()[0]) {
    throw ShapeError("one_hot: needs one index a row, not the shape " + to_string(index.shape()));
  }
  const Tensor column = reshape(index, Shape{index.shape()[0], 1});
  return equal(column, iota(context.graph(), classes));
}

void OneHotValue::declare(Declaration<OneHotValue>& d) {
  d.help("class indices as rows with a 1 at the class and 0 elsewhere: one_hot(label, 10)");
  d.parameter("x", &OneHotValue::x, "one class index a row, from 0").required();
  d.parameter("classes", &OneHotValue::classes, "number of classes").required().min(1);
}

Tensor SelectValue::build(ValueContext& context) const {
  return select(context.evaluate(condition), context.evaluate(a), context.evaluate(b));
}

void SelectValue::declare(Declaration<SelectValue>& d) {
  d.help("element by element, a where the condition is not 0, else b: select(x > 0, x, 0)");
  d.parameter("condition", &SelectValue::condition, "0 or not 0, as comparisons give").required();
  d.parameter("a", &SelectValue::a, "where the condition holds").required();
  d.parameter("b", &SelectValue::b, "where it does not").required();
}

}  // namespace duel
