#include "tools/run_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace duel {
namespace {

std::string one_line(const std::filesystem::path& folder, std::string what) {
  std::ranges::replace(what, '\n', ' ');
  return fmt::format("{}: {}\n", folder.string(), what);
}

}  // namespace

std::string steps_text(const RunEntry& run) {
  if (run.state == RunState::damaged) return {};
  return run.total_steps ? fmt::format("{}/{}", run.step, *run.total_steps) : std::to_string(run.step);
}

std::string problem_line(const RunEntry& run) {
  if (run.problem.empty()) return {};
  return one_line(run.folder, run.problem);
}

std::string failure_of(const RunEntry& run) {
  if (!run.failure.empty()) return run.failure;
  const bool over = run.state == RunState::diverged || run.state == RunState::failed;
  return over && run.trial ? run.trial->message : std::string();
}

std::string failure_line(const RunEntry& run) {
  const std::string failure = failure_of(run);
  return failure.empty() ? failure : one_line(run.folder, failure);
}

std::string lost_trial_lines(std::span<const LostTrial> lost) {
  std::string text;
  for (const LostTrial& one : lost) {
    text += one_line(one.run, fmt::format("{}, without a run: {}", one.trial.state, one.trial.message));
  }
  return text;
}

nlohmann::json lost_trials_json(std::span<const LostTrial> lost) {
  nlohmann::json list = nlohmann::json::array();
  for (const LostTrial& one : lost) {
    list.push_back({{"sweep", one.trial.sweep.string()},
                    {"trial", one.trial.number},
                    {"run", one.run.string()},
                    {"state", one.trial.state},
                    {"failure", one.trial.message}});
  }
  return list;
}

}  // namespace duel
