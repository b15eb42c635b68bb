#include "tools/run_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace duel {

std::string steps_text(const RunEntry& run) {
  if (run.state == RunState::damaged) return {};
  return run.total_steps ? fmt::format("{}/{}", run.step, *run.total_steps) : std::to_string(run.step);
}

std::string problem_line(const RunEntry& run) {
  if (run.problem.empty()) return {};
  std::string problem = run.problem;
  std::ranges::replace(problem, '\n', ' ');
  return fmt::format("{}: {}\n", run.folder.string(), problem);
}

}  // namespace duel
