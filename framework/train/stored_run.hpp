// A trained run opened to be looked at: its experiment and one of its checkpoints. For framework/train's own sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "model/step.hpp"
#include "store/checkpoint.hpp"

namespace duel {

struct StoredRun {
  Experiment experiment;
  std::filesystem::path file;  // of the checkpoint
  CheckpointState state;
  std::vector<std::string> warnings;  // of newer checkpoints that were damaged and passed over
};

// Throws UserError for a folder without a run, or without that checkpoint; the newest one if no step is given.
StoredRun open_run(const std::filesystem::path& folder, const Registry& registry, std::optional<int64_t> step);
LoadedCheckpoint chosen_checkpoint(const std::filesystem::path& folder, std::optional<int64_t> step);
// Throws UserError(ExitCode::experiment) for a run that lacks that checkpoint, or has none at all. Reads no file.
void require_checkpoint(const std::filesystem::path& folder, std::optional<int64_t> step);

// Declares the graph's variables with the values that the checkpoint has of them. Throws
// UserError(ExitCode::experiment) for one that it does not hold, or in another shape.
void load_variables(const StepGraph& graph, const CheckpointState& state, VariableStore& variables);

}  // namespace duel
