// Removes what a plan says of one run.
#pragma once

#include <optional>
#include <string>

#include "tools/clean/plan.hpp"

namespace duel {

// Holds the run's lock meanwhile. Removes nothing where a process trains the run, or where it has changed since the
// plan was made: then says so. Throws UserError(ExitCode::storage) for what cannot be removed.
std::optional<std::string> carry_out(const RunCleaning& cleaning);

}  // namespace duel
