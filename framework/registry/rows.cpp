#include "registry/rows.hpp"

#include <fmt/format.h>

#include <vector>

#include "gradient/differentiate.hpp"
#include "graph/op.hpp"

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

Tensor row_gradients(ValueContext& context, const Expression& of, const Expression& wrt, std::string_view who) {
  const Tensor variable = context.evaluate(wrt);
  const Tensor result = context.evaluate(of);
  if (!computed_from(result, variable)) {
    throw UserError(ExitCode::experiment,
                    Problem{.where = of.where,
                            .path = {},
                            .what = fmt::format("{}: '{}' is not computed from '{}'", who, of.text, wrt.text),
                            .remedy = "name the value that the function is called with",
                            .origin = {}});
  }
  return differentiate(sum(result), std::vector{variable}).front();
}

Tensor row_squares(const Tensor& x, std::string_view who) {
  if (x.rank() == 0) throw ShapeError(fmt::format("{}: a single number has no rows", who));
  const int64_t row_axis[] = {1};
  return sum(square(reshape(x, Shape{x.shape()[0], x.shape().without_first().elements()})), row_axis);
}

Tensor row_norms(const Tensor& x, double epsilon, std::string_view who) { return sqrt(row_squares(x, who) + epsilon); }

}  // namespace duel
