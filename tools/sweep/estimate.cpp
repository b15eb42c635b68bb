#include "tools/sweep/estimate.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "sweep/state.hpp"
#include "tools/sweep/table.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

constexpr int64_t shown_points = 5;
constexpr double most_seconds = 2;  // of timing

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point time) { return std::chrono::duration<double>(Clock::now() - time).count(); }

struct Timed {
  double seconds = 0;  // of a step, median
  int64_t steps = 0;   // of a training
};

Timed time_steps_of(const SweepDefinition& definition, const Point& point, const Registry& registry, int threads) {
  const std::optional<int64_t> seed = definition.seeds.empty() ? std::nullopt : std::optional(definition.seeds[0]);
  Session session(checked_experiment(trial_document(definition, point, seed), registry), {threads, {}});
  for (int i = 0; i < 3; ++i) session.advance();  // first steps take longer
  std::vector<double> seconds;
  for (const auto began = Clock::now(); seconds.empty() || seconds_since(began) < most_seconds;) {
    const auto step = Clock::now();
    session.advance();
    seconds.push_back(seconds_since(step));
  }
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2));
  return {seconds[seconds.size() / 2], session.total_steps()};
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

}  // namespace

std::string sweep_plan(const SweepDefinition& definition, const Registry& registry, int threads) {
  const int64_t trials = definition.trials();
  const int64_t runs = trials * definition.runs_per_trial();
  std::string text = fmt::format("{}: {} search, {} trials", definition.name, method_name(definition.method), trials);
  if (!definition.seeds.empty())
    text += fmt::format(" with {} seeds each: {} trainings", definition.seeds.size(), runs);
  text += fmt::format("; {} {}\n", definition.metric.maximize ? "maximize" : "minimize", definition.metric.name.name);
  SweepState state(definition);
  for (int64_t number = 0; number < std::min(trials, shown_points); ++number) {
    const auto next = state.next([](const std::string&) { return true; }, [](RunPlace) { return true; }).value();
    text += fmt::format("  trial {}: {}\n", number, point_text(definition.space, next.point));
    for (int64_t seed = 0; seed < definition.runs_per_trial(); ++seed) {
      state.apply(claim_record({number, static_cast<std::size_t>(seed)}, next.point, "plan", 0));
    }
  }
  if (trials > shown_points) text += fmt::format("  … and {} more\n", trials - shown_points);
  const Timed timed = time_steps_of(definition, state.trials().front().point, registry, threads);
  const double one = timed.seconds * static_cast<double>(timed.steps);
  const auto rounds = (runs + definition.parallel - 1) / definition.parallel;
  text += fmt::format(
      "a step of trial 0 takes {:.3g} ms, so its {} steps take about {}; all of them on {} worker{} about {}",
      1e3 * timed.seconds, timed.steps, format_duration(one), definition.parallel, definition.parallel == 1 ? "" : "s",
      format_duration(one * static_cast<double>(rounds)));
  if (definition.early_terminate) text += " at most, as early_terminate will end some";
  return text + "\n(without evaluations and samples, and if the other points take as long)\n";
}

}  // namespace duel
