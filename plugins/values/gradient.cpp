#include "plugins/values/gradient.hpp"

#include <vector>

#include "gradient/differentiate.hpp"

namespace duel {
namespace {

// Inputs precede their users, so one pass forward from `source` finds all that is computed from it.
bool computed_from(const Tensor& result, const Tensor& source) {
  const Graph& graph = result.graph();
  std::vector<bool> depends(result.id().index + 1, false);
  if (source.id() > result.id()) return false;
  depends[source.id().index] = true;
  for (uint32_t i = source.id().index + 1; i < depends.size(); ++i) {
    for (const NodeId input : graph[NodeId{i}].inputs) depends[i] = depends[i] || depends[input.index];
  }
  return depends.back();
}

}  // namespace

Tensor GradientValue::build(ValueContext& context) const {
  const Tensor variable = context.evaluate(wrt);
  const Tensor result = context.evaluate(of);
  if (!computed_from(result, variable)) {
    throw UserError(ExitCode::experiment,
                    Problem{.where = of.where,
                            .path = {},
                            .what = fmt::format("gradient(): '{}' is not computed from '{}'", of.text, wrt.text),
                            .remedy = "name the value that the function is called with",
                            .origin = {}});
  }
  return differentiate(sum(result), std::vector{variable}).front();
}

void GradientValue::declare(Declaration<GradientValue>& d) {
  d.help("the derivative of the sum of one value by another; differentiable again: gradient(d_mix, mix)");
  d.parameter("of", &GradientValue::of, "what is differentiated, such as a discriminator's output").required();
  d.parameter("wrt", &GradientValue::wrt, "with respect to what: a value that it is computed from").required();
}

Tensor StopGradientValue::build(ValueContext& context) const { return stop_gradient(context.evaluate(x)); }

void StopGradientValue::declare(Declaration<StopGradientValue>& d) {
  d.help("the value as a constant: no derivative goes through it");
  d.parameter("x", &StopGradientValue::x, "the value").required();
}

}  // namespace duel
