#include "tools/sweep/estimate.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "sweep/state.hpp"
#include "tools/sweep/table.hpp"
#include "train/evaluation.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"
#include "train/sample.hpp"

namespace duel {
namespace {

constexpr int64_t shown_points = 5;
constexpr double most_seconds = 2;  // of timing

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point time) { return std::chrono::duration<double>(Clock::now() - time).count(); }

// What a training does now and then.
struct Repeated {
  int64_t times = 0;   // in a training
  double seconds = 0;  // all of them

  void add(int64_t more, double first, double each) {
    times += more;
    seconds += first + each * static_cast<double>(more - 1);
  }
};

struct Timed {
  double start = 0;              // until the first step: reading, checking, making graphs
  double step = 0;               // median
  int64_t steps = 0;             // of a training
  std::optional<int64_t> ended;  // the step at which it diverged
  Repeated evaluations, pictures;

  double training() const { return start + step * static_cast<double>(steps) + evaluations.seconds + pictures.seconds; }
};

template <class Work>
double seconds_of(Work work) {
  const auto started = Clock::now();
  work();
  return seconds_since(started);
}

// How often in a training what is due in such steps, and at its end, is done.
int64_t times_in(const Session& session, const Interval& every) {
  const double epochs = session.epoch();
  const double epoch_steps = epochs > 0 ? static_cast<double>(session.step()) / epochs : 1;
  const double steps = std::max(1.0, every.epochs ? every.count * epoch_steps : every.count);
  return static_cast<int64_t>(std::ceil(static_cast<double>(session.total_steps()) / steps));
}

// Each once; what is quick a second time, as the first also makes graphs and looks at the real side.
void time_evaluations(Timed& timed, Session& session, const Registry& registry) {
  const Interval usual{std::max(1.0, static_cast<double>(session.total_steps() / 10)), false};
  for (const EvaluationSpec& spec : session.experiment().evaluations) {
    Evaluation evaluation(session, spec, registry, nullptr);
    const double first = seconds_of([&] { evaluation.run(); });
    const double each = first < most_seconds ? seconds_of([&] { evaluation.run(); }) : first;
    timed.evaluations.add(times_in(session, spec.every.value_or(usual)), first, each);
  }
}

void time_pictures(Timed& timed, Session& session) {
  for (const SampleSpec& spec : session.experiment().samples) {
    const auto draw = [&] { render_sample(spec, session.sample(spec)); };
    const double first = seconds_of(draw);
    timed.pictures.add(times_in(session, spec.every), first, seconds_of(draw));
  }
}

Timed time_training(const SweepDefinition& definition, const Point& point, const Registry& registry, int threads) {
  const std::optional<int64_t> seed = definition.seeds.empty() ? std::nullopt : std::optional(definition.seeds[0]);
  const auto started = Clock::now();
  Session session(checked_experiment(trial_document(definition, point, seed), registry), {threads, {}});
  Timed timed;
  timed.start = seconds_since(started);
  timed.steps = session.total_steps();
  std::vector<double> seconds;
  try {
    while (session.step() < timed.steps && (seconds.empty() || seconds_since(started) < timed.start + most_seconds)) {
      const auto step = Clock::now();
      session.advance();
      seconds.push_back(seconds_since(step));
    }
    time_evaluations(timed, session, registry);
    time_pictures(timed, session);
  } catch (const Divergence& divergence) {
    timed.ended = divergence.step;
  } catch (const UserError& error) {
    if (error.code() != ExitCode::diverged) throw;  // else what it gives after so few steps is no number
  }
  if (seconds.size() > 6) seconds.erase(seconds.begin(), seconds.begin() + 3);  // first steps take longer
  if (seconds.empty()) return timed;
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2));
  timed.step = seconds[seconds.size() / 2];
  return timed;
}

std::string_view method_name(SearchMethod method) {
  switch (method) {
    case SearchMethod::grid:
      return "grid";
    case SearchMethod::random:
      return "random";
    case SearchMethod::tpe:
      break;
  }
  return "tpe";
}

std::string counted(int64_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// ", 10 evaluations about 30 ms each"
std::string repeated_text(const Repeated& repeated, const std::string& what) {
  if (repeated.times == 0) return {};
  return fmt::format(", {} about {} each", counted(repeated.times, what),
                     format_duration(repeated.seconds / static_cast<double>(repeated.times)));
}

// What `left` trainings like the one that was timed take.
std::string time_text(const SweepDefinition& definition, int64_t trial, const Timed& timed, int64_t left) {
  std::string text;
  if (timed.ended) text += fmt::format("trial {} diverges at step {}\n", trial, *timed.ended);
  const double one = timed.training();
  const auto rounds = (left + definition.parallel - 1) / definition.parallel;
  text += fmt::format(
      "a step of trial {} takes {:.3g} ms{}{}, so its {} steps take about {}; {} on {} about {}\n"
      "checkpoints come on top, and other points may take longer or shorter{}\n",
      trial, 1e3 * timed.step, repeated_text(timed.evaluations, "evaluation"), repeated_text(timed.pictures, "picture"),
      timed.steps, format_duration(one), counted(left, "training"), counted(definition.parallel, "worker"),
      format_duration(one * static_cast<double>(rounds)),
      definition.early_terminate ? "; early_terminate will end some before" : "");
  return text;
}

}  // namespace

std::string sweep_plan(const SweepDefinition& definition, const SweepState& so_far, const Registry& registry,
                       int threads) {
  const int64_t trials = std::max(definition.trials(), static_cast<int64_t>(so_far.trials().size()));
  const int64_t left = trials * definition.runs_per_trial() - so_far.trainings_done();
  std::string text =
      fmt::format("{}: {} search, {}", definition.name, method_name(definition.method), counted(trials, "trial"));
  if (!definition.seeds.empty()) {
    text += fmt::format(" with {} each: {}", counted(definition.runs_per_trial(), "seed"),
                        counted(trials * definition.runs_per_trial(), "training"));
  }
  text += fmt::format("; {} {}\n", definition.metric.maximize ? "maximize" : "minimize", definition.metric.name.name);
  if (so_far.trainings_done() > 0) {
    text += fmt::format("{} done, {} left\n", counted(so_far.trainings_done(), "training"), left);
  }
  if (left <= 0) return text;
  SweepState state = so_far;
  std::optional<Point> first;
  std::set<int64_t> shown;
  const auto of_plan = [](const std::string& agent) { return agent == "plan"; };
  const auto any = [](RunPlace) { return true; };
  for (auto next = state.next(of_plan, any); next; next = state.next(of_plan, any)) {
    const bool is_new = !shown.contains(next->place.trial);
    if (is_new && std::ssize(shown) == shown_points) break;
    if (is_new) {
      shown.insert(next->place.trial);
      text += fmt::format("  trial {}: {}\n", next->place.trial, point_text(definition.space, next->point));
    }
    if (!first) first = next->point;
    state.apply(claim_record(next->place, next->point, "plan", 0));
  }
  const int64_t open_trials = trials - std::ranges::count_if(so_far.trials(), [](const Trial& trial) {
                                return is_over(result_of(trial).state);
                              });
  if (open_trials > std::ssize(shown)) text += fmt::format("  … and {} more\n", open_trials - std::ssize(shown));
  return text +
         time_text(definition, *shown.begin(), time_training(definition, first.value(), registry, threads), left);
}

}  // namespace duel
