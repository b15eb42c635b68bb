#include "plugins/values/previous.hpp"

namespace duel {
namespace {

// x as the state holds it: one number may come as [1] or [1, 1].
Tensor remembered(const Tensor& now, const Expression& x, const Shape& shape) {
  const bool is_number = shape.rank() == 0 && now.shape().elements() == 1;
  if (is_number || now.shape() == shape) return reshape(now, shape);
  throw UserError(
      ExitCode::experiment,
      Problem{.where = x.where,
              .path = {},
              .what = fmt::format("previous(): '{}' has the shape {}, and {} is remembered", x.text,
                                  to_string(now.shape()), shape.rank() == 0 ? "one number" : to_string(shape)),
              .remedy = "take its mean, or say its whole shape: previous(x, shape=[2, 3])",
              .origin = {}});
}

}  // namespace

Tensor PreviousValue::build(ValueContext& context) const {
  const Tensor before = context.state("value", shape, initial);
  context.set_state_later("value", [this, &context] { return remembered(context.evaluate(x), x, shape); });
  return before;
}

void PreviousValue::declare(Declaration<PreviousValue>& d) {
  d.help("what a value was in the step before; it may be the value itself: 0.9 * previous(m) + 0.1 * mean(d_real)");
  d.looks_back();
  d.parameter("x", &PreviousValue::x, "the value: one number, such as a mean").required();
  d.parameter("initial", &PreviousValue::initial, "what it is in the first step");
  d.parameter("shape", &PreviousValue::shape, "its whole shape, where it is more than one number");
}

}  // namespace duel
