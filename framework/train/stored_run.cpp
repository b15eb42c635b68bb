#include "train/stored_run.hpp"

#include <cstring>

#include "spec/read.hpp"
#include "train/run.hpp"

namespace duel {

LoadedCheckpoint chosen_checkpoint(const std::filesystem::path& folder, std::optional<int64_t> step) {
  const std::filesystem::path checkpoints = folder / "checkpoints";
  if (step) return {checkpoint_path(checkpoints, *step), read_checkpoint(checkpoint_path(checkpoints, *step)), {}};
  auto newest = load_newest_checkpoint(checkpoints);
  if (!newest) {
    throw UserError(ExitCode::experiment, fmt::format("{} has no checkpoint yet", folder.string()), "train it further");
  }
  return *std::move(newest);
}

StoredRun open_run(const std::filesystem::path& folder, const Registry& registry, std::optional<int64_t> step) {
  Problems problems;
  const Document document = run_document(folder);
  Experiment experiment = read_experiment(document, registry, problems);
  problems.throw_if_any();
  LoadedCheckpoint checkpoint = chosen_checkpoint(folder, step);
  return {std::move(experiment), checkpoint.file, std::move(checkpoint.state), std::move(checkpoint.warnings)};
}

void load_variables(const StepGraph& graph, const CheckpointState& state, VariableStore& variables) {
  for (const VariableStart& needed : graph.variables) {
    const auto found = state.arrays.find(needed.name);
    if (found == state.arrays.end() || found->second.shape != needed.shape) {
      throw UserError(ExitCode::experiment,
                      fmt::format("the checkpoint has no {} of shape {}", needed.name, to_string(needed.shape)));
    }
    VariableStore::Entry& entry = variables.declare({needed.name, needed.shape, found->second.dtype});
    std::memcpy(entry.memory.data(), found->second.bytes.data(), found->second.bytes.size());
  }
}

}  // namespace duel
