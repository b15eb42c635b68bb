// Matching of mean features.
#pragma once

#include "registry/value.hpp"

namespace duel {

// ‖E f(x) − E f(G(z))‖², with the means over the batch and the square over all features (Salimans et al. 2016, section
// 3.1); of order 1 the sum of the absolute differences of the means. The two may have different numbers of rows.
class FeatureMatching final : public Loss {
 public:
  Expression real;
  Expression fake;
  int64_t order = 2;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<FeatureMatching>& d);
};

}  // namespace duel
