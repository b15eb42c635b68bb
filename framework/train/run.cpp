#include "train/run.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "evaluate/stored_score.hpp"
#include "store/checkpoint.hpp"
#include "store/png.hpp"
#include "store/run_file.hpp"
#include "train/evaluation.hpp"
#include "train/health.hpp"
#include "train/open_experiment.hpp"
#include "train/origins.hpp"
#include "train/problems.hpp"
#include "train/provenance.hpp"
#include "train/resuming.hpp"
#include "train/run_folder.hpp"
#include "train/sample.hpp"
#include "train/stored_run.hpp"
#include "train/watch.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
constexpr double seconds_between_flushes = 1.0;
constexpr int64_t most_rollbacks = 3;

// What the file must declare before the first step. The pictures' sizes are those of the samples as they are now.
RunLayout layout_of(Session& session, const std::map<std::string, std::string>& texts) {
  RunLayout layout;
  layout.metrics = session.metric_names();
  for (const SampleSpec& spec : session.experiment().samples) {
    const SampleValues values = session.sample(spec);
    const Picture picture = render_sample(spec, values);
    layout.samples.push_back({spec.name, {picture.height, picture.width, picture.channels}, values.samples.shape});
  }
  for (const EvaluationSpec& spec : session.experiment().evaluations) {
    RunLayout::Evaluations evaluations{spec.name, {}};
    for (const MetricOutput& output : outputs_of(spec)) evaluations.metrics.push_back(output.name);
    layout.evaluations.push_back(std::move(evaluations));
  }
  layout.experiment = texts;
  return layout;
}

std::map<std::string, std::string> experiment_texts(const Document& document, const Experiment& experiment,
                                                    const Registry& registry) {
  return {{"name", experiment.name},
          {"description", experiment.description},
          {"file", document.file},
          {"written", document.text},
          {"overrides", fmt::format("{}", fmt::join(document.overrides, "\n"))},
          {"resolved", portable_text(document, registry)},
          {"origins", origins_text(document)}};
}

}  // namespace

struct Run::Implementation {
  Implementation(fs::path where, std::shared_ptr<const Experiment> given, RunOptions given_options)
      : folder(std::move(where)),
        experiment(std::move(given)),
        options(std::move(given_options)),
        session(experiment, std::exchange(options.session, {})),
        watch(*experiment) {}

  // Once the session stands where it goes on. `state` may be null; run.h5 must not be open.
  void open_health(const CheckpointState* state, const RunRecords* kept) {
    if (experiment->train.on_collapse.action == CollapseSpec::Action::off) return;
    health.emplace(*experiment, session.total_steps());
    if (state != nullptr) health->load(*state);
    for (std::size_t i = 0; i < experiment->samples.size(); ++i) {
      const SampleSpec& spec = experiment->samples[i];
      if (!spec.reference || !health->wants_reference(i)) continue;
      const HostTensor reference = session.sample(spec).reference.value();
      const std::vector<float> values(reference.values.begin(), reference.values.end());
      health->set_reference(i, mean_distance(values, reference.shape[0]));
    }
    if (kept != nullptr) health->replay(folder / "run.h5", *kept, session.step());
  }

  // Once the variables have their first values: evaluations may read them.
  void open_evaluations(const Registry& registry) {
    for (const EvaluationSpec& spec : experiment->evaluations) {
      evaluations.push_back(std::make_unique<Evaluation>(session, spec, registry, options.floors));
    }
  }

  fs::path checkpoints() const { return folder / "checkpoints"; }

  fs::path picture_path(const SampleSpec& spec) const {
    const std::string prefix = experiment->samples.size() > 1 ? spec.name + "-" : "";
    return folder / "samples" / fmt::format("{}step-{:06}.png", prefix, session.step());
  }

  double seconds() const {
    return seconds_before + std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }

  bool is_at_end() const { return session.step() == session.total_steps() || watch.end(); }

  // Is nothing left to do for the run whose checkpoint and run.h5 have these? A resume may have set the end to where
  // the run stands: then run.h5 has to say so.
  bool is_complete(const CheckpointState& state, const RunRecords& kept) const {
    const auto ends_here = [&](const std::vector<int64_t>& steps) {
      return !steps.empty() && steps.back() == session.step();
    };
    const bool same_end = state.counter("total_steps") == session.total_steps();
    const bool none_behind = kept.steps.empty() || kept.steps.back() <= session.step();
    return is_at_end() && same_end && none_behind &&
           std::ranges::all_of(experiment->samples,
                               [&](const auto& spec) { return ends_here(steps_of(kept, spec)); }) &&
           std::ranges::all_of(experiment->evaluations,
                               [&](const auto& spec) { return ends_here(steps_of(kept, spec)); });
  }

  // Which samples and evaluations of the present step are in run.h5 already.
  void note_done(const RunRecords& kept) {
    const auto has_this = [&](const std::vector<int64_t>& steps) {
      return std::ranges::binary_search(steps, session.step());
    };
    for (const SampleSpec& spec : experiment->samples) sampled.push_back(has_this(steps_of(kept, spec)));
    for (const EvaluationSpec& spec : experiment->evaluations) {
      evaluated.push_back(has_this(steps_of(kept, spec)));
    }
  }

  // Of a run whose last step is done by its checkpoint, which was not the last one when it was written: what belongs to
  // the end.
  void finish(TrainListener& listener) {
    std::vector<bool> done = evaluated;
    evaluate_those_due(listener, true, done);
    for (std::size_t i = 0; i < sampled.size(); ++i) {
      if (!sampled[i]) take_sample(i, listener);
    }
    save(listener);
  }

  void take_samples(TrainListener& listener, bool last) {
    for (std::size_t i = 0; i < experiment->samples.size(); ++i) {
      if (session.is_due(experiment->samples[i].every) || last) take_sample(i, listener);
    }
  }

  void take_sample(std::size_t i, TrainListener& listener) {
    const SampleSpec& spec = experiment->samples[i];
    const SampleValues values = session.sample(spec);
    const Picture picture = render_sample(spec, values);
    const std::vector<float> raw(values.samples.values.begin(), values.samples.values.end());
    file->append_sample(i, session.step(), picture.pixels, raw);
    if (health) health->see_sample(i, session.step(), raw, values.samples.shape[0]);
    const fs::path path = picture_path(spec);
    write_png(path, picture.height, picture.width, picture.channels, picture.pixels);
    listener.sampled(path);
  }

  // Without an interval, about each tenth of the training.
  bool is_due(const std::optional<Interval>& every) const {
    const auto tenth = static_cast<double>(std::max<int64_t>(1, session.total_steps() / 10));
    return session.is_due(every.value_or(Interval{tenth, false}));
  }

  // Those that are due, or at the end all. Whether one of them was the best so far.
  bool evaluate(TrainListener& listener, bool last) {
    std::vector<bool> done(evaluations.size());
    bool best = evaluate_those_due(listener, last, done);
    // What they gave may end the training: then this step was its last, and the others have their turn.
    if (!last && watch.end()) best = evaluate_those_due(listener, true, done) || best;
    return best;
  }

  // What cannot be evaluated ends the training, but loses nothing of it: a checkpoint is written before.
  std::vector<EvaluationRecord> records_of(Evaluation& evaluation, TrainListener& listener) {
    try {
      return evaluation.run([&](int64_t now, int64_t total) { listener.evaluating(now, total); });
    } catch (const Divergence&) {
      throw;
    } catch (const UserError& error) {
      save(listener);
      std::vector<Problem> problems = error.problems();
      problems.front().what = fmt::format("step {}: the evaluation '{}' failed: {}", session.step(),
                                          evaluation.spec().name, problems.front().what);
      const std::string how =
          fmt::format("a checkpoint is written; mend it by 'duel resume {} evaluate…=…'", folder.string());
      std::string& remedy = problems.front().remedy;
      remedy = remedy.empty() ? how : fmt::format("{}; {}", remedy, how);
      throw UserError(error.code(), std::move(problems));
    }
  }

  bool evaluate_those_due(TrainListener& listener, bool last, std::vector<bool>& done) {
    bool best = false;
    for (std::size_t i = 0; i < evaluations.size(); ++i) {
      if (done[i] || (!is_due(evaluations[i]->spec().every) && !last)) continue;
      done[i] = true;
      session.check_finite();  // else it would be the evaluation that is blamed
      const auto records = records_of(*evaluations[i], listener);
      std::vector<StoredScore> scores;
      scores.reserve(records.size());
      for (const EvaluationRecord& record : records) scores.push_back(stored_score(record));
      file->append_evaluation(i, session.step(), seconds(), scores);
      best = watch.see(i, session.step(), records) || best;
      listener.evaluated(session.step(), evaluations[i]->spec().name, records);
    }
    return best;
  }

  // The records first, down to the disk: a checkpoint must not be ahead of them, whatever happens.
  void save(TrainListener& listener) {
    session.check_finite();
    file->sync();
    CheckpointState state = session.save();
    watch.save(state);
    if (health) health->save(state);
    const fs::path path = write_checkpoint(checkpoints(), session.step(), state);
    std::vector<int64_t> besides;
    if (const auto best = watch.best_step()) besides.push_back(*best);
    prune_checkpoints(checkpoints(), experiment->checkpoint.keep, besides);
    listener.saved(path);
  }

  void tell_best(TrainListener& listener) const {
    const auto step = watch.best_step();
    if (!step) return;
    listener.kept_best({*step, checkpoint_path(checkpoints(), *step), watch.best_metric(), watch.best_value()});
  }

  // False when the weights were no numbers any more, and training has gone back.
  bool save_or_recover(TrainListener& listener) {
    try {
      save(listener);
      return true;
    } catch (const Divergence& divergence) {
      recover(divergence, listener);
      return false;
    }
  }

  // Back to the last checkpoint with other noise, at most three times.
  void recover(const Divergence& divergence, TrainListener& listener) {
    if (experiment->train.on_divergence != "rollback") throw divergence;
    const std::string& what = divergence.problems().front().what;
    if (session.attempt() >= most_rollbacks) {
      throw UserError(ExitCode::diverged, fmt::format("{}, after {} rollbacks", what, most_rollbacks),
                      "lower the learning rate, or clip the gradients");
    }
    const auto checkpoint = load_newest_checkpoint(checkpoints());
    if (!checkpoint) {
      throw UserError(ExitCode::diverged, what + ", before the first checkpoint",
                      "lower the learning rate, clip the gradients, or make checkpoint.every smaller");
    }
    for (const std::string& warning : checkpoint->warnings) listener.warned(warning);
    go_back(checkpoint->state, what, listener);
  }

  void go_back(const CheckpointState& state, const std::string& what, TrainListener& listener) {
    session.roll_back(state);
    watch.load(state, false);
    const double before = seconds();
    file.reset();
    const RunRecords kept = read_run(folder / "run.h5");
    open_health(&state, &kept);
    file = std::make_unique<RunFile>(RunFile::resume(folder / "run.h5", layout, session.step()));
    seconds_before = before;
    began = std::chrono::steady_clock::now();
    listener.warned(fmt::format("{}: back to step {} with other noise (attempt {} of {})", what, session.step(),
                                session.attempt(), most_rollbacks));
  }

  // What train.on_collapse asks for where the last step's records show that the game is over. True when training has
  // gone back.
  bool react_to_collapse(TrainListener& listener, bool last) {
    using Action = CollapseSpec::Action;
    if (!health) return false;
    const std::vector<Finding> found = health->new_findings();
    if (found.empty()) return false;
    std::vector<std::string> texts;
    int64_t since = session.step();
    for (const Finding& finding : found) {
      texts.push_back(finding.text());
      since = std::min(since, finding.since);
    }
    const std::string what = fmt::format("step {}: {}", session.step(), fmt::join(texts, "; "));
    const Action action = experiment->train.on_collapse.action;
    if (action == Action::rollback) {
      std::string hindrance;
      if (const auto state = state_before(since, hindrance)) {
        go_back(*state, what, listener);
        return true;
      }
      stop_collapsed(what + hindrance, listener);
    }
    if (action == Action::stop && !last) stop_collapsed(what, listener);
    listener.warned(fmt::format("{}; 'duel doctor {}' shows the curve and what to try", what, folder.string()));
    return false;
  }

  // The newest checkpoint of before that step, whose successors are removed: they belong to what is given up. Nothing,
  // and why, where there is none or training has gone back too often.
  std::optional<CheckpointState> state_before(int64_t since, std::string& hindrance) {
    if (session.attempt() >= most_rollbacks) {
      hindrance = fmt::format(", after {} rollbacks", most_rollbacks);
      return std::nullopt;
    }
    std::vector<int64_t> steps = checkpoint_steps(checkpoints());
    std::vector<int64_t> given_up;
    while (!steps.empty() && steps.back() >= since) {
      given_up.push_back(steps.back());
      steps.pop_back();
    }
    if (steps.empty()) {
      hindrance = ", and no checkpoint is kept from before";
      return std::nullopt;
    }
    CheckpointState state = read_checkpoint(checkpoint_path(checkpoints(), steps.back()));
    for (const int64_t step : given_up) remove_file(checkpoint_path(checkpoints(), step));
    return state;
  }

  // A checkpoint is written before.
  [[noreturn]] void stop_collapsed(const std::string& what, TrainListener& listener) {
    save(listener);
    throw UserError(
        ExitCode::diverged, fmt::format("{}; train.on_collapse ends the training", what),
        fmt::format("'duel doctor {0}' says what to try; 'duel resume {0}' goes on all the same", folder.string()));
  }

  fs::path failure_file() const { return folder / "failure.txt"; }

  // For whoever looks at the run later. The disk may be why it failed: the first error is the one to be told.
  void note_failure(const UserError& error) const {
    try {
      write_file_atomically(failure_file(), fmt::format("{}\n", error.what()));
    } catch (const UserError&) {
    }
  }

  fs::path folder;
  std::optional<FileLock> lock;
  std::shared_ptr<const Experiment> experiment;
  RunOptions options;
  Session session;
  Watch watch;
  std::optional<Health> health;  // unless the experiment says off
  std::vector<std::unique_ptr<Evaluation>> evaluations;
  RunLayout layout;
  std::vector<bool> sampled, evaluated;  // of a resumed run's present step
  std::unique_ptr<RunFile> file;         // null when a resume found nothing left to do
  double seconds_before = 0;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

Run::Run(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Run::~Run() = default;
Run::Run(Run&&) noexcept = default;

const fs::path& Run::folder() const { return implementation_->folder; }
Session& Run::session() { return implementation_->session; }

Run Run::create(const Document& document, const Registry& registry, const RunOptions& options) {
  OpenedData data;
  const auto experiment = checked_experiment(document, registry, FeatureSources::opened, &data);
  if (!options.folder.empty()) refuse_used_folder(options.folder);  // before work that would be lost
  RunOptions own = options;
  own.session.data = whole_data(*experiment, std::move(data));
  auto implementation = std::make_unique<Implementation>(fs::path(), experiment, std::move(own));
  implementation->open_evaluations(registry);
  for (const auto& evaluation : implementation->evaluations) evaluation->rehearse();
  RunLayout& layout = implementation->layout;
  layout = layout_of(implementation->session, experiment_texts(document, *experiment, registry));
  layout.provenance = provenance_of_start(implementation->session, options.command_line);
  NewRunFolder made(*experiment, options.folder);
  const fs::path& folder = implementation->folder = made.path();
  sweep_run_folder(folder);
  implementation->open_health(nullptr, nullptr);
  implementation->file = std::make_unique<RunFile>(RunFile::create(folder / "run.h5", layout));
  implementation->lock.emplace(made.keep());
  return Run(std::move(implementation));
}

Run Run::resume(const fs::path& folder, const Registry& registry, const std::vector<std::string>& overrides,
                const RunOptions& options, TrainListener& listener) {
  const Document document = run_document(folder, overrides);
  OpenedData data;
  const auto experiment = checked_experiment(document, registry, FeatureSources::left_alone, &data);
  check_writable(folder);
  RunOptions own = options;
  own.session.data = whole_data(*experiment, std::move(data));
  const bool has_state = !checkpoint_steps(folder / "checkpoints").empty();
  own.session.use = has_state ? SessionUse::resumes : SessionUse::trains;
  auto implementation = std::make_unique<Implementation>(folder, experiment, std::move(own));
  Session& session = implementation->session;
  implementation->lock.emplace(folder / "run.lock");
  const RunRecords kept = read_run(folder / "run.h5");
  refuse_other_seed(kept, *experiment);
  const auto checkpoint = load_newest_checkpoint(implementation->checkpoints());
  if (checkpoint) {
    for (const std::string& warning : checkpoint->warnings) listener.warned(warning);
    load_state(session, checkpoint->state, overrides);
    implementation->watch.load(checkpoint->state, overrides.empty());
    refuse_passed_end(session);
    if (implementation->is_complete(checkpoint->state, kept)) return Run(std::move(implementation));
  } else {
    listener.warned("the run has no checkpoint yet: it starts from its first step");
  }
  sweep_run_folder(folder);
  implementation->open_evaluations(registry);
  auto texts = kept.experiment;
  texts["origins"] = origins_text(document, (folder / "run.h5").string(), kept.experiment);
  texts["resolved"] = portable_text(document, registry);
  for (const std::string& override_text : overrides) texts["overrides"] += "\n" + override_text;
  RunLayout& layout = implementation->layout;
  layout = layout_of(session, texts);
  layout.provenance = kept.provenance;
  layout.provenance["total_steps"] = std::to_string(session.total_steps());
  layout.resumes = kept.resumes;
  layout.resumes.push_back(provenance_of_resume(session, options.command_line, overrides));
  implementation->open_health(checkpoint ? &checkpoint->state : nullptr, &kept);
  implementation->file = std::make_unique<RunFile>(RunFile::resume(folder / "run.h5", layout, session.step()));
  implementation->seconds_before = implementation->file->last_seconds();
  implementation->note_done(kept);
  return Run(std::move(implementation));
}

TrainEnd Run::train(const std::atomic<bool>& stop, TrainListener& listener) {
  Implementation& self = *implementation_;
  if (!self.file) return TrainEnd::was_complete;
  if (fs::exists(self.failure_file())) remove_file(self.failure_file());
  try {
    return train_on(stop, listener);
  } catch (const UserError& error) {
    if (error.code() == ExitCode::diverged) self.note_failure(error);
    throw;
  }
}

TrainEnd Run::train_on(const std::atomic<bool>& stop, TrainListener& listener) {
  Implementation& self = *implementation_;
  Session& session = self.session;
  self.began = std::chrono::steady_clock::now();
  double flushed = self.seconds();
  listener.started(session, self.folder);
  if (const auto warning = session.data_warning()) listener.warned(*warning);
  for (const std::string& warning : session.weights_warnings()) listener.warned(warning);
  if (self.is_at_end()) self.finish(listener);
  while (!self.is_at_end() && !stop) {
    StepReport report;
    try {
      report = session.advance();
    } catch (const Divergence& divergence) {
      self.recover(divergence, listener);
      continue;
    }
    self.watch.see(report.metrics);
    const double seconds = self.seconds();
    bool best = false;
    try {
      best = self.evaluate(listener, self.is_at_end());
    } catch (const Divergence& divergence) {
      self.recover(divergence, listener);
      continue;
    }
    const bool last = self.is_at_end();
    if (report.step % self.experiment->train.log_every == 0 || last) {
      self.file->append_metrics(report.step, seconds, report.metrics);
      if (self.health) self.health->see(report.step, report.metrics);
    }
    self.take_samples(listener, last);
    if (self.react_to_collapse(listener, last)) continue;
    if (self.is_due(self.experiment->checkpoint.every) || best || last) {
      if (!self.save_or_recover(listener)) continue;
      flushed = seconds;
    } else if (seconds - flushed > seconds_between_flushes) {
      self.file->flush();
      flushed = seconds;
    }
    listener.stepped(session, report, seconds);
  }
  const bool complete = self.is_at_end();
  if (complete && self.watch.end()) listener.ended(*self.watch.end());
  if (!complete) self.save(listener);  // stopped between steps
  self.tell_best(listener);
  return complete ? TrainEnd::complete : TrainEnd::stopped;
}

std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:%Y%m%d-%H%M%S}", local);
}

int64_t best_step_of(const fs::path& folder) {
  require_checkpoint(folder, std::nullopt);
  const CheckpointState state = chosen_checkpoint(folder, std::nullopt).state;
  const auto found = state.counters.find("best_step");
  if (found != state.counters.end()) return found->second;
  throw UserError(ExitCode::experiment, fmt::format("{} keeps no best checkpoint", folder.string()),
                  "its experiment must say by what: checkpoint: {best: fid}");
}

}  // namespace duel
