#include "registry/initializer.hpp"

namespace duel {

Fans fans_of(const Shape& weight) {
  if (weight.rank() == 0) return {};
  if (weight.rank() == 1) return {weight[0], weight[0]};
  int64_t window = 1;
  for (int axis = 0; axis < weight.rank() - 2; ++axis) window *= weight[axis];
  return {window * weight[-2], window * weight[-1]};
}

}  // namespace duel
