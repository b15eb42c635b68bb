#include "plugins/values/rows.hpp"

#include "graph/op.hpp"

namespace duel {
namespace {

constexpr const char* batch_help = "rows; when not given, as many as the batch has";

Tensor remainder_by(const Tensor& number, int64_t divisor) {
  const auto by = static_cast<double>(divisor);
  return number - floor(number / by) * by;
}

}  // namespace

Tensor EachClassValue::build(ValueContext& context) const {
  return remainder_by(iota(context.graph(), context.rows(batch)), classes);
}

void EachClassValue::declare(Declaration<EachClassValue>& d) {
  d.help("the classes in turn, one a row: 0, 1, …, classes−1, 0, …");
  d.parameter("classes", &EachClassValue::classes, "number of classes").required().min(1).max(1 << 24);
  d.parameter("batch", &EachClassValue::batch, batch_help).min(1);
}

Tensor RampValue::build(ValueContext& context) const {
  const int64_t rows = context.rows(batch);
  const int64_t length = steps.value_or(rows);
  const Tensor number = remainder_by(iota(context.graph(), rows), length);
  const Tensor share = number / static_cast<double>(std::max<int64_t>(1, length - 1));
  Shape one_a_row{rows};
  for (int axis = 0; axis < shape.rank(); ++axis) one_a_row.push_back(1);
  return broadcast(reshape((1.0 - share) * from + share * to, one_a_row), shape.prepend(rows));
}

void RampValue::declare(Declaration<RampValue>& d) {
  d.help("numbers in equal steps, one a row: concat(ramp(-2, 2), repeat_rows(normal(99), 8))");
  d.parameter("from", &RampValue::from, "in the first row").required();
  d.parameter("to", &RampValue::to, "in the last row").required();
  d.parameter("steps", &RampValue::steps, "go from one to the other in so many rows, and again; when not given, in all")
      .min(1);
  d.parameter("shape", &RampValue::shape, "shape of a row, without the batch; all its elements are alike");
  d.parameter("batch", &RampValue::batch, batch_help).min(1);
}

Tensor RepeatRowsValue::build(ValueContext& context) const {
  const Tensor value = context.evaluate(x);
  if (value.rank() == 0) throw ShapeError("repeat_rows: a single number has no rows");
  return gather(value, floor(iota(context.graph(), value.shape()[0]) / static_cast<double>(n)));
}

void RepeatRowsValue::declare(Declaration<RepeatRowsValue>& d) {
  d.help("the first rows of a value n times each, as many rows in all as it has: repeat_rows(normal(100), 10)");
  d.parameter("x", &RepeatRowsValue::x, "the value").required();
  d.parameter("n", &RepeatRowsValue::n, "how often each row stands there").required().min(1);
}

}  // namespace duel
