#include "train/watch.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "model/turns.hpp"
#include "train/evaluation.hpp"
#include "train/problems.hpp"

namespace duel {
namespace {

bool is_better(double value, double than, Better better, double least = 0) {
  return better == Better::lower ? value < than - least : value > than + least;
}

// Nothing for what is no number, too: none would ever better it.
std::optional<double> value_of(std::span<const EvaluationRecord> records, const std::string& metric) {
  const auto found = std::ranges::find(records, metric, &EvaluationRecord::metric);
  return found == records.end() || std::isnan(found->value) ? std::nullopt : std::optional(found->value);
}

}  // namespace

Watch::Watch(const Experiment& experiment) {
  for (const UntilSpec& until : experiment.train.until) goals_.push_back(goal_of(experiment, until));
  if (experiment.train.early_stop) {
    early_stop_spec_ = *experiment.train.early_stop;
    early_stop_ = find_metric(experiment, early_stop_spec_.metric, true);
  }
  if (experiment.checkpoint.best) best_ = find_metric(experiment, *experiment.checkpoint.best, true);
}

void Watch::check(const Experiment& experiment, Problems& problems) {
  for (const UntilSpec& until : experiment.train.until) collect(problems, [&] { goal_of(experiment, until); });
  const auto& early_stop = experiment.train.early_stop;
  const auto& best = experiment.checkpoint.best;
  if (early_stop) collect(problems, [&] { find_metric(experiment, early_stop->metric, true); });
  if (best) collect(problems, [&] { find_metric(experiment, *best, true); });
}

Watch::Goal Watch::goal_of(const Experiment& experiment, const UntilSpec& until) {
  Goal goal{find_metric(experiment, until.metric, false), until};
  if (until.side != UntilSpec::Side::better) return goal;
  if (goal.watched.better == Better::neither) {
    fail_metric(until.metric, fmt::format("which side of {} is better is not known", until.metric.name),
                "write {above: …} or {below: …}");
  }
  goal.spec.side = goal.watched.better == Better::lower ? UntilSpec::Side::below : UntilSpec::Side::above;
  return goal;
}

void Watch::check_goal(const Goal& goal, double value) {
  const bool above = goal.spec.side == UntilSpec::Side::above;
  if (end_ || !(above ? value >= goal.spec.threshold : value <= goal.spec.threshold)) return;
  end_ = fmt::format("{} is {:.6g}, and until asks for {} {}", goal.spec.metric.name, value,
                     above ? "at least" : "at most", format_number(goal.spec.threshold));
}

bool Watch::see(std::size_t evaluation, int64_t step, std::span<const EvaluationRecord> records) {
  for (const Goal& goal : goals_) {
    if (goal.watched.evaluation != evaluation) continue;
    if (const auto value = value_of(records, goal.watched.metric)) check_goal(goal, *value);
  }
  if (early_stop_ && early_stop_->evaluation == evaluation) {
    const auto value = value_of(records, early_stop_->metric);
    if (value && (!least_value_ || is_better(*value, *least_value_, early_stop_->better, early_stop_spec_.least))) {
      least_value_ = value;
      waited_ = 0;
    } else if (++waited_ >= early_stop_spec_.patience && !end_) {
      end_ = fmt::format("{} has {} in {} evaluations", early_stop_->metric,
                         least_value_ ? fmt::format("not bettered {:.6g}", *least_value_) : "been no number", waited_);
    }
  }
  if (!best_ || best_->evaluation != evaluation) return false;
  const auto value = value_of(records, best_->metric);
  if (!value || (best_value_ && !is_better(*value, *best_value_, best_->better))) return false;
  best_value_ = value;
  best_step_ = step;
  return true;
}

void Watch::see(std::span<const double> values) {
  for (const Goal& goal : goals_) {
    if (!goal.watched.evaluation) check_goal(goal, values[goal.watched.index]);
  }
}

void Watch::save(CheckpointState& state) const {
  if (best_step_) {
    state.counters["best_step"] = *best_step_;
    state.numbers["best_value"] = *best_value_;
    state.texts["best_metric"] = best_->full_name;
  }
  if (least_value_) state.numbers["early_stop_value"] = *least_value_;
  if (least_value_ || waited_ > 0) {
    state.counters["early_stop_waited"] = waited_;
    state.texts["early_stop_metric"] = early_stop_->full_name;
  }
  if (end_) state.texts["end"] = *end_;
}

void Watch::load(const CheckpointState& state, bool ended) {
  best_step_.reset();
  best_value_.reset();
  least_value_.reset();
  end_.reset();
  waited_ = 0;
  // Overrides may have named another metric since.
  const auto is_of = [&](const std::optional<WatchedMetric>& watched, const std::string& text) {
    const auto found = state.texts.find(text);
    return watched && found != state.texts.end() && found->second == watched->full_name;
  };
  if (is_of(best_, "best_metric")) {
    best_step_ = state.counter("best_step");
    best_value_ = state.number("best_value");
  }
  if (is_of(early_stop_, "early_stop_metric")) {
    if (state.numbers.contains("early_stop_value")) least_value_ = state.number("early_stop_value");
    waited_ = state.counter("early_stop_waited");
  }
  const auto end = state.texts.find("end");
  if (ended && end != state.texts.end()) end_ = end->second;
}

}  // namespace duel
