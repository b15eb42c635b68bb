// How a run came about, as run.h5 keeps it. For framework/train's own sources.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/session.hpp"

namespace duel {

// Of the start of a run; it stays as it is when the run is resumed.
std::map<std::string, std::string> provenance_of_start(const Session& session,
                                                       const std::vector<std::string>& command_line);

// Of taking the run up again, at the step where the session stands.
std::map<std::string, std::string> provenance_of_resume(const Session& session,
                                                        const std::vector<std::string>& command_line,
                                                        const std::vector<std::string>& overrides);

}  // namespace duel
