// Random classes.
#pragma once

#include <vector>

#include "plugins/values/random.hpp"

namespace duel {

// Independent class indices 0 … classes−1, of shape [batch]: categorical(10). All classes are equally likely unless
// `probabilities` says how likely each is.
class CategoricalSource final : public RandomSourceValue {
 public:
  int64_t classes = 0;
  std::vector<double> probabilities;  // empty, or one a class, adding up to 1

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<CategoricalSource>& d);
};

}  // namespace duel
