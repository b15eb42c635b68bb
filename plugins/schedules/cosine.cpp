#include <algorithm>
#include <cmath>
#include <numbers>

#include "plugins/schedules/schedules.hpp"
#include "plugins/schedules/span.hpp"

namespace duel {
namespace {

struct Cosine final : SpannedSchedule {
  double from = 0;
  double to = 0;
  bool restart = false;
  double growth = 1;

  static void declare(Declaration<Cosine>& d) {
    d.help("half a cosine from `from` down to `to`, which it then keeps, or from which it starts again");
    d.reference("Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017)");
    d.parameter("from", &Cosine::from, "value at the start").required();
    d.parameter("to", &Cosine::to, "value at the end");
    declare_span(d);
    d.parameter("restart", &Cosine::restart, "start again from `from` each time that the end is reached");
    d.parameter("growth", &Cosine::growth, "length of each period after a restart, relative to the one before").min(1);
  }

  std::string conflict() const {
    if (growth != 1 && !restart) return "'growth' has a meaning only with 'restart: true'";
    return SpannedSchedule::conflict();
  }

  double at(const Clock& clock) const override {
    const double progress = restart ? since_restart(elapsed(clock)) : std::min(elapsed(clock), 1.0);
    return to + (from - to) * (1 + std::cos(std::numbers::pi * progress)) / 2;
  }

 private:
  // The share of the present period that has gone by.
  double since_restart(double periods) const {
    if (growth == 1) return periods - std::floor(periods);
    double length = 1;
    while (periods >= length) {
      periods -= length;
      length *= growth;
    }
    return periods / length;
  }
};

}  // namespace

void add_cosine(KindRegistry<Schedule>& schedules) { schedules.add<Cosine>("cosine"); }

}  // namespace duel
