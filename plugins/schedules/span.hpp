// Over how much of the training a schedule goes: `steps: n`, `epochs: x` or `over: fraction of the whole training`; at
// most one of them, and without any the whole training.
#pragma once

#include <optional>
#include <string>

#include "registry/schedule.hpp"

namespace duel {

struct SpannedSchedule : Schedule {
  std::optional<int64_t> steps;
  std::optional<double> epochs;
  std::optional<double> over;

  template <class Component>
  static void declare_span(Declaration<Component>& d) {
    d.parameter("steps", &Component::steps, "its length in steps").min(1);
    d.parameter("epochs", &Component::epochs, "its length in passes over the training data").above(0);
    d.parameter("over", &Component::over, "its length as a fraction of the whole training; 1 if no length is given")
        .above(0)
        .max(1);
  }

  std::string conflict() const;

 protected:
  // How many of its lengths have gone by: 0 at the start, 1 when the first is over. Throws UserError for a fraction of
  // a training without end.
  double elapsed(const Clock& clock) const;
};

}  // namespace duel
