#include <algorithm>
#include <cmath>

#include "plugins/schedules/schedules.hpp"

namespace duel {
namespace {

struct Warmup final : Schedule {
  int64_t steps = 0;
  double from = 0;
  std::shared_ptr<const Schedule> then = constant_schedule(1);

  static void declare(Declaration<Warmup>& d) {
    d.help("another schedule (or number), multiplied at first by a factor that rises to 1");
    d.reference("Goyal et al., Accurate, large minibatch SGD (2017), section 2.2");
    d.parameter("steps", &Warmup::steps, "how many steps the factor takes to reach 1").required().min(1);
    d.parameter("from", &Warmup::from, "the factor at the start").min(0);
    d.parameter("then", &Warmup::then, "what is multiplied; it runs from the first step on").required();
  }

  bool counts_updates() const override { return then->counts_updates(); }
  double at(const Clock& clock) const override {
    const double progress = static_cast<double>(clock.step) / static_cast<double>(steps);
    return then->at(clock) * std::lerp(from, 1.0, std::min(progress, 1.0));
  }
};

}  // namespace

void add_warmup(KindRegistry<Schedule>& schedules) { schedules.add<Warmup>("warmup"); }

}  // namespace duel
