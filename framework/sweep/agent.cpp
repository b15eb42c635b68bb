#include "sweep/agent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <set>

#include "evaluate/stored_score.hpp"
#include "spec/read.hpp"
#include "store/run_file.hpp"
#include "train/run.hpp"
#include "train/watched_metric.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// The metric of a sweep in what a run has recorded.
class MetricSeries {
 public:
  // Of that evaluation, or of training.
  MetricSeries(const RunRecords& records, const std::optional<std::string>& evaluation, const std::string& metric) {
    if (evaluation) {
      const RunRecords::Evaluation& series = records.evaluations.at(*evaluation);
      scores_ = series.metrics.at(metric);
      steps_ = series.steps;
    } else {
      for (const double value : records.metrics.at(metric)) scores_.push_back({value, {}, {}, {}});
      steps_ = records.steps;
    }
    scores_.resize(std::min(scores_.size(), steps_.size()));
  }
  // Its last value or its best one; null without a number.
  const StoredScore* chosen(const SweepMetric& metric) const {
    const StoredScore* chosen = nullptr;
    for (const StoredScore& score : scores_) {
      const auto betters = [&](double than) { return metric.maximize ? score.value > than : score.value < than; };
      if (!metric.best || (!std::isnan(score.value) && (chosen == nullptr || betters(chosen->value)))) chosen = &score;
    }
    return chosen != nullptr && std::isfinite(chosen->value) ? chosen : nullptr;
  }
  // Those after which it was recorded, up to this one.
  std::set<int64_t> steps_until(int64_t step) const {
    std::set<int64_t> out(steps_.begin(), steps_.end());
    out.erase(out.upper_bound(step), out.end());
    return out;
  }

 private:
  std::vector<int64_t> steps_;
  std::vector<StoredScore> scores_;
};

// One training of a trial. Watches its metric and ends it early where the sweep's rule says so.
class TrialRun final : public TrainListener {
 public:
  TrialRun(Sweep& sweep, const Registry& registry, const AgentOptions& options, const std::atomic<bool>& stop,
           AgentListener& listener, const SweepState::Next& next)
      : sweep_(sweep),
        registry_(registry),
        options_(options),
        stop_(stop),
        listener_(listener),
        next_(next),
        name_(sweep.run_name(next.place)) {}

  SweepRun train() {
    SweepRun out = sweep_.state().run(next_.place);
    const Document document = trial_document(sweep_.definition(), next_.point, sweep_.seed_of(next_.place));
    listener_.began(name_, document.overrides);
    Problems problems;
    const Experiment experiment = read_experiment(document, registry_, problems);
    problems.throw_if_any();
    watched_ = find_metric(experiment, sweep_.definition().metric.name, false);
    if (watched_.evaluation) evaluation_ = experiment.evaluations[*watched_.evaluation].name;
    end_step_ = out.end_step;
    out.state = train_further(document);
    add_records(out);
    return out;
  }

  // What the run has recorded, as far as it can be read, and what it did since.
  void add_records(SweepRun& out) const {
    if (!fs::exists(file())) return;
    const RunRecords records = read_run(file());
    const MetricSeries series(records, evaluation_, watched_.metric);
    if (const StoredScore* score = series.chosen(sweep_.definition().metric)) {
      out.value = score->value;
      if (evaluation_) out.record = stored_record(*score);
    }
    if (!records.steps.empty()) {
      out.step = records.steps.back();
      out.seconds = records.seconds.back();
    }
    // `train.log_every` leaves the last steps of a run that ends early out of its records.
    if (!last_ || last_->step <= out.step) return;
    out.step = last_->step;
    out.seconds = last_->seconds;
    if (!evaluation_ && (!sweep_.definition().metric.best || !out.value) && std::isfinite(last_->value)) {
      out.value = last_->value;
    }
  }

  // ---- TrainListener

  void started(const Session&, const fs::path&) override { pass_on_stop(); }
  void stepped(const Session& session, const StepReport& report, double seconds) override {
    last_ = {report.step, seconds, evaluation_ ? 0 : report.metrics.at(watched_.index)};
    if (end_step_ && report.step >= *end_step_) pruned_ = true;
    pass_on_stop();
    if (evaluation_ || !rule()) return;
    const double place =
        rule()->resource == EarlyTermination::Resource::step ? static_cast<double>(report.step) : session.epoch();
    compare(place, report.metrics.at(watched_.index), std::nullopt);
  }
  void sampled(const fs::path&) override {}
  void evaluating(int64_t, int64_t) override {}
  void evaluated(int64_t step, const std::string& name, std::span<const EvaluationRecord> records) override {
    if (name != evaluation_ || !rule()) return;
    evaluated_steps_.erase(evaluated_steps_.lower_bound(step), evaluated_steps_.end());  // before a rollback
    evaluated_steps_.insert(step);
    const auto record = std::ranges::find(records, watched_.metric, &EvaluationRecord::metric);
    if (record == records.end()) return;
    double place = static_cast<double>(evaluated_steps_.size());
    if (rule()->resource == EarlyTermination::Resource::step) place = static_cast<double>(session_->step());
    if (rule()->resource == EarlyTermination::Resource::epoch) place = session_->epoch();
    compare(place, record->value, *record);
  }
  void saved(const fs::path&) override {}
  void warned(const std::string& text) override { listener_.warned(name_, text); }
  void kept_best(const BestCheckpoint&) override {}
  void ended(const std::string&) override {}

 private:
  fs::path file() const { return sweep_.run_folder(next_.place) / "run.h5"; }

  SweepRun::State train_further(const Document& document) {
    Run run = open(document);
    session_ = &run.session();
    if (rule()) count_what_is_there();
    // The comparison that ends it was made by an agent that died before it could end it.
    pruned_ = end_step_ && session_->step() >= *end_step_;
    pass_on_stop();
    if (run.train(ending_, *this) != TrainEnd::stopped) return SweepRun::State::complete;
    return pruned_ ? SweepRun::State::pruned : SweepRun::State::waiting;
  }

  Run open(const Document& document) {
    RunOptions run;
    run.folder = sweep_.run_folder(next_.place);
    run.session = options_.session;
    run.command_line = options_.command_line;
    run.floors = options_.floors;
    if (fs::exists(file())) return Run::resume(run.folder, registry_, {}, run, *this);
    fs::remove_all(run.folder);  // what a killed agent had begun
    return Run::create(document, registry_, run);
  }

  const std::optional<EarlyTermination>& rule() const { return sweep_.definition().early_terminate; }

  // A run that is taken up again has evaluations behind it, and comparisons.
  void count_what_is_there() {
    const RunRecords records = read_run(file());
    if (evaluation_) {
      evaluated_steps_ = MetricSeries(records, evaluation_, watched_.metric).steps_until(session_->step());
    }
    const LearningCurve& curve = sweep_.state().run(next_.place).curve;
    compared_ = curve.empty() ? 0 : curve.rbegin()->first;
  }

  void compare(double place, double value, const std::optional<EvaluationRecord>& record) {
    const auto due = next_comparison(*rule(), next_.place.trial, compared_);
    if (pruned_ || !due || place < *due * (1 - 1e-12)) return;
    // Where one evaluation or step passes several places at once, the last of them counts.
    while (const auto further = next_comparison(*rule(), next_.place.trial, compared_)) {
      if (place < *further * (1 - 1e-12)) break;
      compared_ = *further;
    }
    const int64_t step = session_->step();
    if (step == session_->total_steps() || end_step_) return;  // it is over anyway
    pruned_ = sweep_.report(next_.place, compared_, sweep_.definition().metric.maximize ? -value : value, record, step);
    pass_on_stop();
  }

  void pass_on_stop() {
    if (pruned_ || stop_) ending_ = true;
  }

  // The last step that was done, recorded or not.
  struct LastStep {
    int64_t step = 0;
    double seconds = 0;
    double value = 0;  // of a metric of training
  };

  Sweep& sweep_;
  const Registry& registry_;
  const AgentOptions& options_;
  const std::atomic<bool>& stop_;
  AgentListener& listener_;
  const SweepState::Next& next_;
  std::string name_;
  WatchedMetric watched_;
  std::optional<std::string> evaluation_;  // that gives the metric
  Session* session_ = nullptr;
  std::optional<LastStep> last_;
  std::atomic<bool> ending_{false};
  bool pruned_ = false;
  std::optional<int64_t> end_step_;  // where an earlier comparison ends it
  std::set<int64_t> evaluated_steps_;
  double compared_ = 0;  // the last place of comparison that was reached
};

// The run as it ended; waiting where `stop` was set, or with a message where another process uses its folder.
SweepRun train_run(Sweep& sweep, const Registry& registry, const AgentOptions& options, const std::atomic<bool>& stop,
                   AgentListener& listener, const SweepState::Next& next) {
  SweepRun failure;
  failure.state = SweepRun::State::failed;
  TrialRun run(sweep, registry, options, stop, listener, next);
  try {
    return run.train();
  } catch (const UserError& error) {
    failure.message = error.what();
    if (error.code() == ExitCode::in_use) {
      failure.state = SweepRun::State::waiting;
      return failure;
    }
    if (error.code() == ExitCode::storage) {
      failure.state = SweepRun::State::waiting;
      sweep.end(next.place, failure);
      throw;
    }
    if (error.code() == ExitCode::diverged) failure.state = SweepRun::State::diverged;
  } catch (const std::bad_alloc&) {
    failure.message = "out of memory";
  } catch (const std::exception& error) {
    failure.message = fmt::format("internal error: {}", error.what());
  }
  try {
    run.add_records(failure);
  } catch (const std::exception& error) {
    listener.warned(sweep.run_name(next.place), error.what());
  }
  return failure;
}

// The agent's lock, whose file goes with it.
class AgentLife {
 public:
  AgentLife(const Sweep& sweep, const std::string& name) : file_(sweep.agent_file(name)), lock_(file_) {}
  ~AgentLife() {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }
  AgentLife(const AgentLife&) = delete;
  AgentLife& operator=(const AgentLife&) = delete;

 private:
  fs::path file_;
  FileLock lock_;
};

}  // namespace

AgentEnd run_agent(Sweep& sweep, const Registry& registry, const AgentOptions& options, const std::atomic<bool>& stop,
                   AgentListener& listener) {
  const AgentLife alive(sweep, options.name);
  std::set<RunPlace> in_use;  // by other processes, when this one would have begun
  for (int64_t runs = 0; !stop; ++runs) {
    if (options.most_runs == runs) return AgentEnd::nothing_left;
    const auto next = sweep.claim(options.name, in_use);
    if (!next) return AgentEnd::nothing_left;
    const SweepRun result = train_run(sweep, registry, options, stop, listener, *next);
    if (result.state == SweepRun::State::waiting && !result.message.empty()) in_use.insert(next->place);
    sweep.end(next->place, result);
    listener.ended(sweep.run_name(next->place), result);
  }
  return AgentEnd::stopped;
}

}  // namespace duel
