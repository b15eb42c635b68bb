// What has become of a sweep: its journal, replayed.
//
// Records (`op`): begin {format, identity}; claim {trial, seed_index, agent, point, step}; report {trial, seed_index,
// place, value, end_step}; end {trial, seed_index, state, value, step, seconds, message}; died {trial, seed_index,
// agent, step, seen}.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/early_termination.hpp"
#include "sweep/definition.hpp"

namespace duel {

// One training: a trial with one of the seeds.
struct SweepRun {
  enum class State {
    waiting,  // not begun, or begun and interrupted
    running,  // claimed by `agent`
    complete,
    pruned,  // ended early by early_terminate
    diverged,
    failed  // could not be trained; `message` says why
  };
  State state = State::waiting;
  std::string agent;
  std::optional<double> value;  // the metric as the experiment has it
  int64_t step = 0;
  double seconds = 0;
  std::string message;
  LearningCurve curve;              // smaller is better; infinity for what is no number
  std::optional<int64_t> end_step;  // a comparison has said that it ends after this step
  std::string dead_agent;           // that had it before
  int64_t saved = 0;                // step of the newest checkpoint when an agent died or began
  int64_t deaths = 0;               // of agents that had it, since that checkpoint
  int64_t deaths_seen = 0;          // those of them that a launcher saw: not when everything was killed

  // The newest checkpoint is of this step.
  void note_saved(int64_t step);
  // The agent has died that has or had it; another may have told that before.
  void note_death(const std::string& who, int64_t step, bool seen);
};

std::string_view to_string(SweepRun::State state);
// Whether nothing more is to be trained: neither waiting nor running.
bool is_over(SweepRun::State state);

struct Trial {
  int64_t number = 0;
  Point point;
  std::vector<SweepRun> runs;  // one a seed
};

// A trial's metric over its seeds.
struct TrialResult {
  SweepRun::State state = SweepRun::State::waiting;
  std::optional<double> value;           // mean over all seeds, once all are complete with a number
  std::optional<double> standard_error;  // of at least two
};
TrialResult result_of(const Trial& trial);

// Which of the runs of a sweep: trial and place of its seed.
struct RunPlace {
  int64_t trial = 0;
  std::size_t seed_index = 0;
  auto operator<=>(const RunPlace&) const = default;
};

class SweepState {
 public:
  explicit SweepState(const SweepDefinition& definition) : definition_(&definition) {}

  // Throws UserError(ExitCode::data) for a record that does not fit.
  void apply(const nlohmann::json& record);

  const std::vector<Trial>& trials() const { return trials_; }
  const SweepRun& run(RunPlace place) const;
  bool has_begun() const { return !identity_.empty(); }
  const std::string& identity() const { return identity_; }

  // Are all trials that there will be over?
  bool is_over() const;
  // The best trial so far that is complete; of equal ones the first.
  const Trial* best() const;

  // The run to be trained next: one that waits or whose agent is no longer alive, by trial and seed; else the first of
  // a new trial, whose point the method chooses. None when there is nothing left to begin.
  struct Next {
    RunPlace place;
    Point point;
  };
  using IsAlive = std::function<bool(const std::string& agent)>;
  std::optional<Next> next(const IsAlive& is_alive) const;
  bool has_next(const IsAlive& is_alive) const { return next_place(is_alive).has_value(); }

  // Does the comparison at this place, of a run whose curve has just got this value, end it?
  bool ends(RunPlace place, double at, double value) const;

 private:
  std::optional<RunPlace> next_place(const IsAlive& is_alive) const;
  Point new_point(int64_t number) const;
  std::vector<Observation> observations() const;
  SweepRun& run_of(const nlohmann::json& record);

  const SweepDefinition* definition_;
  std::string identity_;
  std::vector<Trial> trials_;
};

// The records.
nlohmann::json begin_record(const std::string& identity);
// `step`: of the newest checkpoint that the run has, 0 for none.
nlohmann::json claim_record(RunPlace place, const Point& point, const std::string& agent, int64_t step);
// `end_step`: after which the run ends, if it does.
nlohmann::json report_record(RunPlace place, double at, double value, std::optional<int64_t> end_step);
// `step`: as above. `seen`: by a launcher that lives on.
nlohmann::json died_record(RunPlace place, const std::string& agent, int64_t step, bool seen);
// The run's state, value, step, seconds and message.
nlohmann::json end_record(RunPlace place, const SweepRun& run);

}  // namespace duel
