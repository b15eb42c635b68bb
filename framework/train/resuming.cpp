#include "train/resuming.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace duel {
namespace {

// Sections of which no weight, state or average depends.
bool leaves_weights_alone(const std::string& override_text) {
  return std::ranges::any_of(std::array{"train.", "sample", "evaluate", "checkpoint", "metrics", "data."},
                             [&](const char* section) { return override_text.starts_with(section); });
}

}  // namespace

std::vector<int64_t> steps_of(const RunRecords& records, const SampleSpec& spec) {
  const auto found = records.sample_steps.find(spec.name);
  return found == records.sample_steps.end() ? std::vector<int64_t>{} : found->second;
}

std::vector<int64_t> steps_of(const RunRecords& records, const EvaluationSpec& spec) {
  const auto found = records.evaluations.find(spec.name);
  return found == records.evaluations.end() ? std::vector<int64_t>{} : found->second.steps;
}

void refuse_other_seed(const RunRecords& kept, const Experiment& experiment) {
  const auto seed = kept.provenance.find("seed");
  if (seed == kept.provenance.end() || seed->second == std::to_string(experiment.seed)) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("the run was started with seed {}, and a resume cannot change it", seed->second),
                  "leave the seed as it is, or start a new run with 'duel train'");
}

void load_state(Session& session, const CheckpointState& state, const std::vector<std::string>& overrides) {
  try {
    session.load(state);
  } catch (const UserError& error) {
    if (error.code() != ExitCode::experiment || overrides.empty()) throw;
    std::vector<std::string> causes;
    std::ranges::remove_copy_if(overrides, std::back_inserter(causes), leaves_weights_alone);
    std::vector<Problem> problems = error.problems();
    problems.back().remedy = fmt::format("leave away {}", fmt::join(causes.empty() ? overrides : causes, ", "));
    throw UserError(error.code(), std::move(problems));
  }
}

void refuse_passed_end(const Session& session) {
  if (session.step() <= session.total_steps()) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("the run is at step {}, and its training would end at step {}", session.step(),
                              session.total_steps()),
                  session.experiment().train.phases.size() == 1
                      ? fmt::format("give train.steps above {}", session.step())
                      : "make a phase longer");
}

}  // namespace duel
