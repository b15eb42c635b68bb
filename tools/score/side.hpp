// What the user names as one side of a comparison.
#pragma once

#include <string>

#include "evaluate/evaluate.hpp"

namespace duel {

// FILE.npy (an array, a row an example: all axes but the first are one), FILE.h5:/DATASET (likewise), FILE.npz or
// FILE.h5 (statistics: mu and sigma). Throws UserError: ExitCode::experiment for a name of none of these forms,
// ExitCode::data for what is wrong with the file.
SideData read_side(const std::string& name);

}  // namespace duel
