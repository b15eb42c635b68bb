#include "tools/sweep/display.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "runs/run_metrics.hpp"
#include "tools/command.hpp"
#include "tools/sweep/table.hpp"

namespace duel {
namespace {

std::string message_of(const Trial& trial) {
  const auto run = std::ranges::find_if(trial.runs, [](const SweepRun& one) { return !one.message.empty(); });
  return run == trial.runs.end() ? "" : run->message;
}

// Of a run that is written meanwhile; nothing while it cannot be read.
std::optional<RunProgress> progress_of(const std::filesystem::path& folder, const SweepMetric& metric) {
  try {
    const std::array<RunEntry, 1> runs{read_run_entry(folder)};
    if (runs[0].state == RunState::damaged) return std::nullopt;
    RunProgress progress{runs[0].step, runs[0].total_steps, runs[0].seconds, std::nullopt};
    const auto found = find_metric(runs, metric.name.name);
    if (!found) return progress;
    const auto value = chosen_value(runs[0], *found, metric.best ? Choice::best : Choice::last);
    if (value) progress.value = value->value;
    return progress;
  } catch (const UserError&) {  // it has just been removed, or its end is being written
    return std::nullopt;
  }
}

nlohmann::json or_null(const std::optional<double>& number) {
  return number ? nlohmann::json(*number) : nlohmann::json(nullptr);
}

std::string line_of(const nlohmann::json& event) {
  return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string closing_event(const Sweep& sweep) {
  nlohmann::json event{{"event", "end"},
                       {"folder", sweep.folder().string()},
                       {"trials", sweep.definition().trials()},
                       {"states", nlohmann::json::object()},
                       {"best", nullptr},
                       {"unlike", nullptr}};
  for (const Trial& trial : sweep.state().trials()) {
    nlohmann::json& count = event["states"][std::string(to_string(result_of(trial).state))];
    count = count.is_null() ? 1 : count.get<int64_t>() + 1;
  }
  const std::string& metric = sweep.definition().metric.name.name;
  if (const auto unlike = sweep.state().unlike()) event["unlike"] = describe(*unlike, metric);
  if (const Trial* best = sweep.state().best()) {
    const TrialResult result = result_of(*best);
    event["best"] = {{"trial", best->number},
                     {"metric", metric},
                     {"value", or_null(result.value)},
                     {"standard_error", or_null(result.standard_error)},
                     {"overrides", overrides_of(sweep.definition().space, best->point)}};
  }
  return line_of(event);
}

SweepDisplay::SweepDisplay(const Sweep& sweep, Telling telling)
    : sweep_(sweep), telling_(telling), live_(telling == Telling::all && isatty(STDOUT_FILENO) == 1) {
  for (const Trial& trial : sweep.state().trials()) {
    if (is_over(result_of(trial).state)) told_.insert(trial.number);
  }
}

void SweepDisplay::update() {
  if (live_) return draw();
  for (const Trial& trial : sweep_.state().trials()) {
    const TrialResult result = result_of(trial);
    if (is_over(result.state) && told_.insert(trial.number).second) tell(trial, result);
  }
}

void SweepDisplay::finish() {
  if (live_) erase();
}

void SweepDisplay::tell(const Trial& trial, const TrialResult& result) const {
  if (telling_ == Telling::json) return print_out(json_event(trial, result));
  if (result.state == SweepRun::State::failed) {
    std::fputs(fmt::format("trial {} failed: {}\n", trial.number, message_of(trial)).c_str(), stderr);
  }
  if (telling_ == Telling::failures) return;
  print_out(fmt::format("trial {} {}{}  {}\n", trial.number, to_string(result.state), found_text(trial, result),
                        point_text(sweep_.definition().space, trial.point)));
}

// ": fid 12.5", " at step 30: fid 40.1", " at step 7 (discriminator.loss is nan)".
std::string SweepDisplay::found_text(const Trial& trial, const TrialResult& result) const {
  const auto metric = [&](double value) {
    return fmt::format(": {} {:.5g}", sweep_.definition().metric.name.name, value);
  };
  if (result.state == SweepRun::State::complete) return result.value ? metric(*result.value) : "";
  const auto run = std::ranges::find(trial.runs, result.state, &SweepRun::state);
  std::string text = fmt::format(" at step {}", run->step);
  const std::string why = run->message.substr(0, run->message.find('\n'));
  if (result.state == SweepRun::State::diverged && !why.empty()) return text + fmt::format(" ({})", why);
  return run->value ? text + metric(*run->value) : text;
}

std::string SweepDisplay::json_event(const Trial& trial, const TrialResult& result) const {
  const nlohmann::json event{{"event", "trial"},
                             {"trial", trial.number},
                             {"state", std::string(to_string(result.state))},
                             {"value", or_null(result.value)},
                             {"standard_error", or_null(result.standard_error)},
                             {"overrides", overrides_of(sweep_.definition().space, trial.point)},
                             {"folder", sweep_.run_folder({trial.number, 0}).string()},
                             {"message", message_of(trial)}};
  return line_of(event);
}

// Every 2 s: their files may be large.
void SweepDisplay::look_at_runs() {
  const auto now = std::chrono::steady_clock::now();
  if (looked_ && now - *looked_ < std::chrono::seconds(2)) return;
  looked_ = now;
  progress_.clear();
  for (const Trial& trial : sweep_.state().trials()) {
    for (std::size_t i = 0; i < trial.runs.size(); ++i) {
      const RunPlace place{trial.number, i};
      std::error_code ignored;
      if (trial.runs[i].state != SweepRun::State::running) continue;
      if (!std::filesystem::exists(sweep_.run_folder(place) / "run.h5", ignored)) continue;
      if (const auto progress = progress_of(sweep_.run_folder(place), sweep_.definition().metric)) {
        progress_[place] = *progress;
      }
    }
  }
}

void SweepDisplay::draw() {
  look_at_runs();
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
  const std::size_t rows = known ? size.ws_row : 24;
  const std::string text = trials_table(sweep_, rows > 6 ? rows - 4 : 2, progress_) + summary_line(sweep_) + "\n";
  if (text == drawn_) return;
  erase();
  print_out("\033[?7l" + text + "\033[?7h");  // long lines are cut, not wrapped
  drawn_ = text;
}

void SweepDisplay::erase() {
  const auto lines = std::ranges::count(drawn_, '\n');
  if (lines > 0) print_out(fmt::format("\033[{}A\033[J", lines));
  drawn_.clear();
}

}  // namespace duel
