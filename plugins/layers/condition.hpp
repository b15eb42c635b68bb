// What layers that take a condition beside their input share: a class number or a vector for each example.
#pragma once

#include <string>
#include <string_view>

#include "registry/layer.hpp"

namespace duel {

// Throws ShapeError unless `condition` is [batch, n].
void require_condition_vector(std::string_view layer, const Tensor& condition);

// [batch, size]: the rows of the weight `name` [classes, size] for the class numbers `condition` [batch]. Throws
// ShapeError for another shape.
Tensor class_rows(LayerContext& context, const std::string& name, const Tensor& condition, int64_t classes,
                  int64_t size, const std::shared_ptr<const Initializer>& initializer);

// x·W + b of a vector an example x [batch, n] as [batch, units], with the weights `name`/weight and `name`/bias.
Tensor affine_map(LayerContext& context, const std::string& name, const Tensor& x, int64_t units,
                  const std::shared_ptr<const Initializer>& kernel_initializer,
                  const std::shared_ptr<const Initializer>& bias_initializer);

}  // namespace duel
