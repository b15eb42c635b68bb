#include "train/stored_run.hpp"

#include <algorithm>
#include <cstring>

#include "spec/read.hpp"
#include "train/executables.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {

void require_checkpoint(const std::filesystem::path& folder, std::optional<int64_t> step) {
  const std::vector<int64_t> steps = checkpoint_steps(folder / "checkpoints");
  if (steps.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("{} has no checkpoint yet", folder.string()), "train it further");
  }
  if (!step || std::ranges::binary_search(steps, *step)) return;
  throw UserError(ExitCode::experiment, fmt::format("{} has no checkpoint of step {}", folder.string(), *step),
                  fmt::format("it has those of {}", fmt::join(steps, ", ")));
}

LoadedCheckpoint chosen_checkpoint(const std::filesystem::path& folder, std::optional<int64_t> step) {
  require_checkpoint(folder, step);
  const std::filesystem::path checkpoints = folder / "checkpoints";
  if (step) return {checkpoint_path(checkpoints, *step), read_checkpoint(checkpoint_path(checkpoints, *step)), {}};
  return load_newest_checkpoint(checkpoints).value();
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
    if (found == state.arrays.end() && needed.is_state_of_value) continue;
    if (found == state.arrays.end() || found->second.shape != needed.shape) fail_unknown(needed);
    VariableStore::Entry& entry = variables.declare({needed.name, needed.shape, found->second.dtype});
    std::memcpy(entry.memory.data(), found->second.bytes.data(), found->second.bytes.size());
  }
}

}  // namespace duel
