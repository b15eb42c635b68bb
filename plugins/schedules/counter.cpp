#include "plugins/schedules/counter.hpp"

namespace duel {

double count_of(const Clock& clock, const std::string& by) {
  if (by == "epoch") return clock.epoch;
  return static_cast<double>(by == "update" ? clock.updates : clock.step);
}

}  // namespace duel
