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
