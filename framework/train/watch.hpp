// What training does about its metrics: keeps the best checkpoint, and ends when a goal is reached or nothing gets
// better.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/record.hpp"
#include "spec/experiment.hpp"
#include "store/checkpoint.hpp"
#include "train/watched_metric.hpp"

namespace duel {

// One thread uses it.
class Watch {
 public:
  // Throws what check() finds first.
  explicit Watch(const Experiment& experiment);

  // Adds a problem at each of `until`, `early_stop` and `best` whose metric is not there, or has no better side where
  // one is needed.
  static void check(const Experiment& experiment, Problems& problems);

  // The evaluation of that number was done after `step`. Whether a checkpoint is to be kept as the best so far.
  bool see(std::size_t evaluation, int64_t step, std::span<const EvaluationRecord> records);
  // What a step recorded, in the order of recorded_names (model/turns.hpp).
  void see(std::span<const double> values);

  // Why training is complete, or nothing: "fid is 19.5, and until asks for 20".
  const std::optional<std::string>& end() const { return end_; }
  // The step of the best checkpoint.
  std::optional<int64_t> best_step() const { return best_step_; }
  // Its value, and of what: EVALUATION.METRIC. There is one.
  double best_value() const { return best_value_.value(); }
  const std::string& best_metric() const { return best_.value().full_name; }

  void save(CheckpointState& state) const;
  // `ended`: does an end that the state has reached hold? Not where the experiment has been changed since.
  void load(const CheckpointState& state, bool ended);

 private:
  struct Goal {
    WatchedMetric watched;
    UntilSpec spec;
  };
  static Goal goal_of(const Experiment& experiment, const UntilSpec& until);
  void check_goal(const Goal& goal, double value);

  std::vector<Goal> goals_;
  std::optional<WatchedMetric> best_, early_stop_;
  EarlyStopSpec early_stop_spec_;
  std::optional<double> best_value_;
  std::optional<int64_t> best_step_;
  std::optional<double> least_value_;  // the best that early_stop has seen
  int64_t waited_ = 0;                 // evaluations since
  std::optional<std::string> end_;
};

}  // namespace duel
