#include "tools/sweep/table.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "tools/text_table.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using State = SweepRun::State;

std::string value_text(const TrialResult& result) {
  if (!result.value) return "";
  std::string text = fmt::format("{:.5g}", *result.value);
  if (result.standard_error) text += fmt::format(" ± {:.2g}", *result.standard_error);
  return text;
}

// Of all runs of a trial, those that are trained now as far as they are.
RunProgress progress_of(const Trial& trial, const SweepProgress& progress) {
  RunProgress all;
  for (std::size_t i = 0; i < trial.runs.size(); ++i) {
    const SweepRun& run = trial.runs[i];
    const auto now = progress.find({trial.number, i});
    const bool trains = run.state == State::running && now != progress.end();
    all.step += trains ? now->second.step : run.step;
    all.seconds += trains ? now->second.seconds : run.seconds;
    if (trains) all.value = now->second.value;
    if (trains && trial.runs.size() == 1) all.total_steps = now->second.total_steps;
  }
  return all;
}

std::string step_text(const RunProgress& progress) {
  if (progress.step == 0) return "";
  return progress.total_steps ? fmt::format("{}/{}", progress.step, *progress.total_steps)
                              : std::to_string(progress.step);
}

// Running ones first, then complete ones by value, then the rest, each by number.
std::vector<const Trial*> in_order(const Sweep& sweep) {
  std::vector<const Trial*> order;
  for (const Trial& trial : sweep.state().trials()) order.push_back(&trial);
  const double sign = sweep.definition().metric.maximize ? -1 : 1;
  const bool ranked = !sweep.state().unlike();
  const auto rank = [&](const Trial* trial) {
    const TrialResult result = result_of(*trial);
    if (result.state == State::running) return std::tuple(0, 0.0, trial->number);
    if (ranked && result.state == State::complete && result.value) {
      return std::tuple(1, sign * *result.value, trial->number);
    }
    return std::tuple(2, 0.0, trial->number);
  };
  std::ranges::sort(order, {}, rank);
  return order;
}

// As one word of a shell's command.
std::string in_shell(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./=+:,@%") == std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::vector<std::string> short_names(const SearchSpace& space) {
  std::set<std::string> different;  // a name may depend on several values of another parameter
  for (const SearchParameter& parameter : space) different.insert(parameter.key);
  const std::vector<std::string> keys(different.begin(), different.end());
  std::vector<std::string> names;
  for (const SearchParameter& parameter : space) names.push_back(shortest_end(parameter.key, keys));
  return names;
}

std::string point_text(const SearchSpace& space, const Point& point) {
  const std::vector<std::string> names = short_names(space);
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!point[i]) continue;
    const Distribution& distribution = space[i].distribution;
    const bool fraction = !distribution.is_categorical() && distribution.step == 0;
    text += fmt::format("{}{} {}", text.empty() ? "" : "  ", names[i],
                        fraction ? fmt::format("{:.4g}", *point[i]) : distribution.text(*point[i]));
  }
  return text;
}

std::string summary_line(const Sweep& sweep) {
  const auto& trials = sweep.state().trials();
  std::string text = fmt::format("{} of {} trials", trials.size(),
                                 std::max(sweep.definition().trials(), static_cast<int64_t>(trials.size())));
  std::string separator = ": ";
  for (const State state :
       {State::running, State::waiting, State::complete, State::pruned, State::diverged, State::failed}) {
    const auto count = std::ranges::count(trials, state, [](const Trial& trial) { return result_of(trial).state; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, to_string(state));
    separator = ", ";
  }
  if (sweep.state().unlike()) text += "; no best one, as scores cannot be compared";
  if (const Trial* best = sweep.state().best()) {
    text += fmt::format("; best: trial {}, {} {}", best->number, sweep.definition().metric.name.name,
                        value_text(result_of(*best)));
  }
  return text;
}

std::string trials_table(const Sweep& sweep, std::size_t most_rows, const SweepProgress& progress) {
  std::vector<std::vector<std::string>> rows{
      {"trial", "state", sweep.definition().metric.name.name, "step", "time", "parameters"}};
  const std::vector<const Trial*> order = in_order(sweep);
  for (const Trial* trial : order) {
    if (rows.size() > most_rows) break;
    const TrialResult result = result_of(*trial);
    const RunProgress reached = progress_of(*trial, progress);
    const std::string so_far = reached.value ? fmt::format("{:.5g}", *reached.value) : "";
    rows.push_back({std::to_string(trial->number), std::string(to_string(result.state)),
                    result.value ? value_text(result) : so_far, step_text(reached),
                    reached.seconds > 0 ? format_duration(reached.seconds) : "",
                    point_text(sweep.definition().space, trial->point)});
  }
  std::string text = text_table(rows);
  if (order.size() + 1 > rows.size()) text += fmt::format("… and {} more\n", order.size() + 1 - rows.size());
  return text;
}

std::string comparing_command(const Sweep& sweep) {
  const SweepMetric& metric = sweep.definition().metric;
  std::string text = fmt::format("duel compare {}", in_shell(sweep.folder().string()));
  if (!sweep.definition().seeds.empty()) {
    text += " --group-by all-but-seed";
    const auto is_complete = [](const Trial& trial) { return result_of(trial).state == State::complete; };
    if (!std::ranges::all_of(sweep.state().trials(), is_complete)) text += " --where state=complete";
  }
  if (sweep.state().best() == nullptr) return text;
  if (metric.best) text += " --best";
  return text + fmt::format(" {} {}", metric.maximize ? "--max" : "--min", metric.name.name);
}

namespace {

// Trains the trial again by itself, with the first seed.
std::string training_command(const Sweep& sweep, const Trial& trial) {
  const SweepDefinition& definition = sweep.definition();
  std::string text =
      fmt::format("duel train {}", in_shell(fs::proximate(definition.experiment, definition.paths_from)));
  for (const std::string& override : definition.overrides) text += " " + in_shell(override);
  for (const std::string& override : overrides_of(definition.space, trial.point)) text += " " + in_shell(override);
  if (const auto seed = sweep.seed_of({trial.number, 0})) text += fmt::format(" seed={}", *seed);
  std::error_code ignored;
  if (fs::equivalent(definition.paths_from, ".", ignored)) return text;
  return fmt::format("(cd {} && {})", in_shell(definition.paths_from), text);
}

}  // namespace

std::string closing_text(const Sweep& sweep) {
  const std::string folder = sweep.folder().string();
  std::string text = summary_line(sweep) + "\n";
  std::set<std::string> messages;
  for (const Trial& trial : sweep.state().trials()) {
    for (const SweepRun& run : trial.runs) {
      if (run.state == State::failed && messages.insert(first_line(run.message)).second) {
        text += fmt::format("trial {} failed: {}\n", trial.number, first_line(run.message));
      }
    }
  }
  if (const auto unlike = sweep.state().unlike()) {
    text += fmt::format("{}\nevaluate the runs alike to compare them: duel evaluate RUN --count …\n",
                        describe(*unlike, sweep.definition().metric.name.name));
  }
  if (const Trial* best = sweep.state().best()) {
    text += fmt::format("best:    {}\n", point_text(sweep.definition().space, best->point));
    const std::size_t runs = best->runs.size();
    text += fmt::format("{}: {}{}\n", runs > 1 ? "its runs" : "its run", sweep.run_folder({best->number, 0}).string(),
                        runs > 1 ? fmt::format(" and {} of other seeds", runs - 1) : "");
    text += fmt::format("again:   {}\n", training_command(sweep, *best));
  }
  if (!sweep.state().is_over()) return text + fmt::format("go on with: duel sweep {}\n", in_shell(folder));
  return text + fmt::format("compare: {}\ntables:  {}\n", comparing_command(sweep), folder + "/sweep.h5");
}

}  // namespace duel
