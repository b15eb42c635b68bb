// Where the versions of variables lie. A new version is written straight into the variable's memory when everybody who
// reads the version before it comes earlier (or is the same step, at the same place); otherwise it is computed aside
// and copied when the last reader is done.
#pragma once

#include "plan/draft.hpp"

namespace duel {

// Gives homes to the values that are versions, adds copies, and orders readers of old versions before the steps that
// overwrite them.
void place_variables(Draft& draft);

}  // namespace duel
