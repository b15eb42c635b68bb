// Schedules that multiply by a factor again and again.
#include <cmath>

#include "plugins/schedules/counter.hpp"
#include "plugins/schedules/schedules.hpp"

namespace duel {
namespace {

struct Decay : Schedule {
  double from = 0;
  double factor = 1;
  double every = 1;
  std::string by = "step";

  bool counts_updates() const override { return by == "update"; }
  template <class Component>
  static void declare_decay(Declaration<Component>& d) {
    d.parameter("from", &Component::from, "value at the start").required();
    d.parameter("factor", &Component::factor, "what it is multiplied by").required().above(0);
    d.parameter("every", &Component::every, "after how many steps (or what `by` counts)").required().above(0);
    d.parameter("by", &Component::by, counter_help).one_of(counters);
  }
};

struct Exponential final : Decay {
  static void declare(Declaration<Exponential>& d) {
    d.help("from·factor^(steps / every), falling (or growing) evenly");
    declare_decay(d);
  }
  double at(const Clock& clock) const override { return from * std::pow(factor, count_of(clock, by) / every); }
};

struct Step final : Decay {
  static void declare(Declaration<Step>& d) {
    d.help("from·factor^⌊steps / every⌋: stairs");
    declare_decay(d);
  }
  double at(const Clock& clock) const override {
    return from * std::pow(factor, std::floor(count_of(clock, by) / every));
  }
};

}  // namespace

void add_decays(KindRegistry<Schedule>& schedules) {
  schedules.add<Exponential>("exponential");
  schedules.add<Step>("step");
}

}  // namespace duel
