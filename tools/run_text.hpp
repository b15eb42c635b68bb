// What the commands that show runs say of them in the same words.
#pragma once

#include <string>

#include "runs/run_entry.hpp"

namespace duel {

// The last step recorded, of how many where that is known: "12/30", "12". Empty for a damaged run.
std::string steps_text(const RunEntry& run);

// "runs/c: runs/c/run.h5: not a file of HDF5", a line; empty where nothing is wrong.
std::string problem_line(const RunEntry& run);

}  // namespace duel
