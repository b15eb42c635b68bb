// Noise on a value.
#pragma once

#include <memory>

#include "plugins/values/random.hpp"

namespace duel {

// x plus independent normal numbers of mean 0: noise(real, 0.1). The deviation may be a schedule, as for instance noise
// that fades (Arjovsky and Bottou 2017, section 3).
class NoiseValue final : public RandomValue {
 public:
  Expression x;
  std::shared_ptr<const Schedule> deviation;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<NoiseValue>& d);
};

}  // namespace duel
