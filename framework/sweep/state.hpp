// What has become of a sweep: its journal, replayed.
//
// Records (`op`): begin {format, identity, sweep, experiment}; claim {trial, seed_index, agent, point, step}; report
// {trial, seed_index, place, value, record, end_step}; end {trial, seed_index, run, state, value, record, step,
// seconds, message}; died {trial, seed_index, agent, step, seen}. `run` is the name of its folder, for those who read
// journals alone (runs/sweep_trial.hpp); `record` says how an evaluation made the value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/record.hpp"
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
  std::optional<double> value;             // the metric as the experiment has it
  std::optional<EvaluationRecord> record;  // how an evaluation made it
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
  bool has_begun() const { return !identity_hash_.empty(); }
  const std::string& identity_hash() const { return identity_hash_; }
  // What the sweep began with; without texts where an earlier version began it.
  const SweepIdentity& identity() const { return identity_; }

  // Are all trials that there will be over?
  bool is_over() const;
  // Trainings of all trials that are over, or will not be done as their trial is.
  int64_t trainings_done() const;
  // Has a trial come to its end with a value?
  bool has_value() const;
  // The best trial so far that is complete; of equal ones the first. None where scores are unlike.
  const Trial* best() const;

  // Two trials whose scores were made in ways that cannot be compared, and in what these differ ("n_fake: 100, 300").
  struct Unlike {
    int64_t trial = 0;
    int64_t reference = 0;
    std::vector<std::string> differences;
  };
  // The first that is unlike the first one with a score; none while all are alike.
  std::optional<Unlike> unlike() const;

  // The run to be trained next: one that waits or whose agent is no longer alive, by trial and seed, and that nobody
  // else uses; else the first of a new trial, whose point the method chooses. None when there is nothing left to begin.
  struct Next {
    RunPlace place;
    Point point;
  };
  using IsAlive = std::function<bool(const std::string& agent)>;
  using IsFree = std::function<bool(RunPlace place)>;
  std::optional<Next> next(const IsAlive& is_alive, const IsFree& is_free) const;
  // Its place alone.
  std::optional<RunPlace> next_place(const IsAlive& is_alive, const IsFree& is_free) const;

  // Does the comparison at this place, of a run whose curve has just got this value, end it? It is compared with those
  // whose scores were made as this one was.
  bool ends(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& record) const;

 private:
  Point new_point(int64_t number) const;
  std::vector<Observation> observations() const;
  SweepRun& run_of(const nlohmann::json& record);

  const SweepDefinition* definition_;
  std::string identity_hash_;
  SweepIdentity identity_;
  std::vector<Trial> trials_;
};

// "fid of trial 3 is not comparable with that of trial 0: n_fake: 100, 300".
std::string describe(const SweepState::Unlike& unlike, const std::string& metric);

// The records.
nlohmann::json begin_record(const SweepIdentity& identity);
// `step`: of the newest checkpoint that the run has, 0 for none.
nlohmann::json claim_record(RunPlace place, const Point& point, const std::string& agent, int64_t step);
// `record`: how the value was made, if that is not known yet. `end_step`: after which the run ends, if it does.
nlohmann::json report_record(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& record,
                             std::optional<int64_t> end_step);
// `step`: as above. `seen`: by a launcher that lives on.
nlohmann::json died_record(RunPlace place, const std::string& agent, int64_t step, bool seen);
// The run's state, value, record, step, seconds and message; `name` is that of its folder.
nlohmann::json end_record(RunPlace place, const std::string& name, const SweepRun& run);

}  // namespace duel
