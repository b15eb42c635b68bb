// What `--step` asks for, of the commands that look at trained runs.
#pragma once

#include <cstdint>
#include <string>

namespace duel {

// A whole number, or `best`: the step of the checkpoint that the run in `folder` has kept as its best. Throws UserError
// for other texts, and for a run that keeps no best one.
int64_t read_step_option(const std::string& text, const std::string& folder);

}  // namespace duel
