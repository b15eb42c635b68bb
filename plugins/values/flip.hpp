// Mirror images.
#pragma once

#include <memory>

#include "plugins/values/random.hpp"

namespace duel {

// x with the order along one axis reversed; with a probability less than 1, which may follow a schedule, each row is
// turned or left by itself. Images are [batch, height, width, channels], so the default axis -2 mirrors left and right.
class FlipValue final : public RandomValue {
 public:
  Expression x;
  int64_t axis = -2;
  std::shared_ptr<const Schedule> probability = constant_schedule(1);

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<FlipValue>& d);
};

}  // namespace duel
