#include "plugins/layers/condition.hpp"

#include <fmt/format.h>

#include "graph/op.hpp"

namespace duel {

void require_condition_vector(std::string_view layer, const Tensor& condition) {
  if (condition.rank() == 2) return;
  if (condition.rank() == 1) {
    throw ShapeError(fmt::format(
        "{}: the condition is one number an example; say how many `classes` there are, or make it a vector", layer));
  }
  throw ShapeError(fmt::format("{}: the condition is a vector for each example, not {}", layer,
                               to_string(condition.shape().without_first())));
}

Tensor class_rows(LayerContext& context, const std::string& name, const Tensor& condition, int64_t classes,
                  int64_t size, const std::shared_ptr<const Initializer>& initializer) {
  if (condition.rank() != 1) {
    throw ShapeError(fmt::format(
        "with `classes`, the condition is one whole number an example, not {}; leave `classes` out for vectors",
        to_string(condition.shape().without_first())));
  }
  const Shape table{classes, size};
  return gather(context.weight(name, table, initializer, fans_of(table), WeightAxes::table), condition);
}

Tensor affine_map(LayerContext& context, const std::string& name, const Tensor& x, int64_t units,
                  const std::shared_ptr<const Initializer>& kernel_initializer,
                  const std::shared_ptr<const Initializer>& bias_initializer) {
  const Shape shape{x.shape()[1], units};
  const Fans fans = fans_of(shape);
  return matmul(x, context.weight(name + "/weight", shape, kernel_initializer, fans, WeightAxes::kernel)) +
         context.weight(name + "/bias", {units}, bias_initializer, fans);
}

}  // namespace duel
