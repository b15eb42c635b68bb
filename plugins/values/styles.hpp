// Latents for generators whose layers have a style each.
#pragma once

#include <optional>

#include "plugins/values/random.hpp"

namespace duel {

// [batch, n] as [batch, count, n]: the same style for each of `count` layers.
class StylesValue final : public ValueFunction {
 public:
  Expression w;
  int64_t count = 0;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<StylesValue>& d);
};

// [batch, count, n] of a and b [batch, n]: in each row the layers before a crossover have the style a, those from it on
// the style b. The crossover is uniform in 1 … count−1 with `probability`, else the whole row is a (mixing
// regularisation: Karras et al. 2019, A style-based generator architecture for GANs, section 3.1). With `at` it is
// fixed: 0 is all of b, count all of a.
class MixStylesValue final : public RandomValue {
 public:
  Expression a;
  Expression b;
  int64_t count = 0;
  double probability = 0.9;
  std::optional<int64_t> at;

  std::string conflict() const;
  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<MixStylesValue>& d);
};

}  // namespace duel
