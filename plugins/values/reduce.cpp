#include "plugins/values/reduce.hpp"

namespace duel {

Tensor NormValue::build(ValueContext& context) const { return row_norms(context.evaluate(x), epsilon, "norm"); }

void NormValue::declare(Declaration<NormValue>& d) {
  d.help("the Euclidean length of each row: norm(gradient(d_mix, mix))");
  d.parameter("x", &NormValue::x, "the value").required();
  d.parameter("epsilon", &NormValue::epsilon, "added under the root, so that its derivative is finite at 0").min(0);
}

}  // namespace duel
