#include "plugins/schedules/span.hpp"

namespace duel {

std::string SpannedSchedule::conflict() const {
  const int given = steps.has_value() + epochs.has_value() + over.has_value();
  return given > 1 ? "'steps', 'epochs' and 'over' each give its length; only one of them can" : "";
}

double SpannedSchedule::elapsed(const Clock& clock) const {
  const auto step = static_cast<double>(clock.step);
  if (steps) return step / static_cast<double>(*steps);
  if (epochs) return clock.epoch / *epochs;
  if (clock.total_steps <= 0) {
    throw UserError(ExitCode::experiment, "a schedule over a fraction of the training needs a training of known length",
                    "give the schedule 'steps' or 'epochs', or the training 'steps' or 'epochs'");
  }
  return step / (over.value_or(1) * static_cast<double>(clock.total_steps));
}

}  // namespace duel
