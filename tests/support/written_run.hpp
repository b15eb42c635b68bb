// Runs as a training leaves them, written without one.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/checkpoint.hpp"
#include "store/run_file.hpp"

namespace duel {

struct WrittenRun {
  std::string resolved = "name: small\nseed: 3\ntrain: {steps: 30}\n";
  std::map<std::string, std::string> provenance{{"total_steps", "30"}};
  std::string origins{};
  int64_t steps = 30;
  bool checkpoint = true;  // of the last step
  std::map<std::string, std::string> texts{};
  std::vector<RunLayout::Evaluations> evaluations{{"quality", {"fid"}}};
  double fid = 70;  // at step 30
  std::string record = R"({"metric":"fid","better":"lower"})";
};

// One record a step, one of each evaluation every tenth: fid falls by 10.
inline std::filesystem::path write_run(const std::filesystem::path& folder, const WrittenRun& run = {}) {
  std::filesystem::create_directories(folder / "checkpoints");
  RunLayout layout;
  layout.metrics = {"loss"};
  layout.evaluations = run.evaluations;
  layout.experiment = {{"name", "small"}, {"resolved", run.resolved}};
  if (!run.origins.empty()) layout.experiment["origins"] = run.origins;
  layout.provenance = run.provenance;
  RunFile file = RunFile::create(folder / "run.h5", layout);
  for (int64_t step = 1; step <= run.steps; ++step) {
    const auto number = static_cast<double>(step);
    const double loss[] = {1 / number};
    file.append_metrics(step, 0.5 * number, loss);
    const StoredScore score{run.fid + 30 - number, {}, {}, run.record};
    if (step % 10 != 0) continue;
    for (std::size_t i = 0; i < run.evaluations.size(); ++i) file.append_evaluation(i, step, 0.5 * number, {&score, 1});
  }
  file.flush();
  if (run.checkpoint && run.steps > 0) {
    CheckpointState state;
    state.counters = {{"step", run.steps}, {"total_steps", 30}};
    state.texts = run.texts;
    write_checkpoint(folder / "checkpoints", run.steps, state);
  }
  return folder;
}

}  // namespace duel
