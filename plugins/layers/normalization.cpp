#include "plugins/layers/normalization.hpp"

namespace duel {

Tensor Normalization::normalize(LayerContext& context, const Tensor& centred, const Tensor& variance,
                                const Shape& affine) const {
  const Fans fans = fans_of(affine);
  Tensor factor = rsqrt(variance + epsilon);
  if (scale) factor = factor * context.weight("gamma", affine, gamma_initializer, fans);
  const Tensor scaled = centred * factor;
  return center ? scaled + context.weight("beta", affine, beta_initializer, fans) : scaled;
}

}  // namespace duel
