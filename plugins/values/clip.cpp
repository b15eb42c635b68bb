#include "plugins/values/clip.hpp"

namespace duel {

Tensor ClipValue::build(ValueContext& context) const {
  const Tensor value = context.evaluate(x);
  const Tensor least = context.evaluate(low);
  const Tensor greatest = context.evaluate(high);
  const Tensor raised = select(less(value, least), least, value);
  return select(greater(raised, greatest), greatest, raised);
}

std::string ClipValue::conflict() const {
  const bool known = low.kind == Expression::Kind::number && high.kind == Expression::Kind::number;
  return known && low.number > high.number ? "'low' must not be greater than 'high'" : "";
}

void ClipValue::declare(Declaration<ClipValue>& d) {
  d.help("a value kept between two bounds, element by element: clip(p, 0, 1)");
  d.parameter("x", &ClipValue::x, "the value").required();
  d.parameter("low", &ClipValue::low, "the least: a number, a schedule or a value").required();
  d.parameter("high", &ClipValue::high, "the greatest: a number, a schedule or a value").required();
}

}  // namespace duel
