#include "plugins/values/reduce.hpp"

#include "graph/op.hpp"

namespace duel {

Tensor NormValue::build(ValueContext& context) const {
  const Tensor value = context.evaluate(x);
  if (value.rank() == 0) throw ShapeError("norm: a single number has no rows");
  const int64_t rows = value.shape()[0];
  const int64_t row_axis[] = {1};
  const Tensor flat = reshape(value, Shape{rows, value.shape().without_first().elements()});
  return sqrt(sum(square(flat), row_axis) + epsilon);
}

void NormValue::declare(Declaration<NormValue>& d) {
  d.help("the Euclidean length of each row: norm(gradient(d_mix, mix))");
  d.parameter("x", &NormValue::x, "the value").required();
  d.parameter("epsilon", &NormValue::epsilon, "added under the root, so that its derivative is finite at 0").min(0);
}

}  // namespace duel
