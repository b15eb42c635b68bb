// What the commands that show runs say of them in the same words.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "runs/lost_trials.hpp"
#include "runs/run_entry.hpp"

namespace duel {

// The last step recorded, of how many where that is known: "12/30", "12". Empty for a damaged run.
std::string steps_text(const RunEntry& run);

// "runs/c: runs/c/run.h5: not a file of HDF5", a line; empty where nothing is wrong.
std::string problem_line(const RunEntry& run);

// Why the run ended before its end, where something says so: "step 12: discriminator.loss is nan; lower the …".
std::string failure_of(const RunEntry& run);
// The same as a line: "runs/d: step 12: discriminator.loss is nan; lower the …"; empty where nothing says so.
std::string failure_line(const RunEntry& run);

// "sweeps/s/trials/0003: failed, without a run: points.csv:2: …", a line for each.
std::string lost_trial_lines(std::span<const LostTrial> lost);
nlohmann::json lost_trials_json(std::span<const LostTrial> lost);

}  // namespace duel
