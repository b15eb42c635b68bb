#include "plugins/values/truncated.hpp"

#include <numbers>

namespace duel {
namespace {

constexpr double widest = 1 - 1e-7;  // single precision has numbers between it and 1

}  // namespace

Tensor inverse_erf(const Tensor& x) {
  constexpr double fitted = 0.147;  // Winitzki's a
  const Tensor log_rest = log1p(-square(x));
  const Tensor half = 0.5 * log_rest + 2 / (std::numbers::pi * fitted);
  const Tensor squared = sqrt(square(half) - log_rest / fitted) - half;
  Tensor z = sign(x) * sqrt(maximum(squared, 0));
  for (int i = 0; i < 2; ++i) {
    const Tensor step = (erf(z) - x) / (2 * std::numbers::inv_sqrtpi * exp(-square(z)));
    z = z - step / (1.0 + z * step);
  }
  return z;
}

Tensor truncated_normal(const Tensor& uniform, const Tensor& bound) {
  const Tensor share = minimum(erf(bound * (1 / std::numbers::sqrt2)), widest);
  const Tensor z = std::numbers::sqrt2 * inverse_erf((2 * uniform - 1) * share);
  return maximum(minimum(z, bound), -bound);  // not even by a rounding beyond it
}

}  // namespace duel
