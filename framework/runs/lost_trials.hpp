// Trials that a sweep has ended without a run: what failed before its training began has no run folder, and whoever
// looks at runs alone would miss it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runs/sweep_trial.hpp"

namespace duel {

struct LostTrial {
  std::filesystem::path run;  // where its folder would be
  SweepTrial trial;
};

// Of the sweeps at and below `paths`, in the order of the paths and by name within each. Never throws: a journal that
// cannot be read tells of none. Any number of threads.
std::vector<LostTrial> lost_trials(std::span<const std::string> paths);

}  // namespace duel
