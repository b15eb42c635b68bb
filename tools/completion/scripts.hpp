// What shells run to complete command lines of duel: each asks `duel complete`.
#pragma once

#include <string>

namespace duel {

// Of bash, zsh or fish. Throws UserError(ExitCode::experiment) for other shells.
std::string completion_script(const std::string& shell);

}  // namespace duel
