#include <algorithm>
#include <cmath>

#include "plugins/schedules/schedules.hpp"
#include "plugins/schedules/span.hpp"

namespace duel {
namespace {

struct Linear final : SpannedSchedule {
  double from = 0;
  double to = 0;

  static void declare(Declaration<Linear>& d) {
    d.help("a straight line from `from` to `to`, which it then keeps");
    d.parameter("from", &Linear::from, "value at the start").required();
    d.parameter("to", &Linear::to, "value at the end").required();
    declare_span(d);
  }

  double at(const Clock& clock) const override { return std::lerp(from, to, std::min(elapsed(clock), 1.0)); }
};

}  // namespace

void add_linear(KindRegistry<Schedule>& schedules) { schedules.add<Linear>("linear"); }

}  // namespace duel
