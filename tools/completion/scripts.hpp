// What shells run to complete command lines of duel: each asks `duel complete`.
#pragma once

#include <string>
#include <vector>

namespace duel {

// The shells that there is a script for.
const std::vector<std::string>& completion_shells();

// Of one of these. Throws UserError(ExitCode::experiment) for other shells.
std::string completion_script(const std::string& shell);

}  // namespace duel
