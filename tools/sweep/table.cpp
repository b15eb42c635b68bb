#include "tools/sweep/table.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.hpp"

namespace duel {
namespace {

using State = SweepRun::State;

std::string value_text(const TrialResult& result) {
  if (!result.value) return "";
  std::string text = fmt::format("{:.5g}", *result.value);
  if (result.standard_error) text += fmt::format(" ± {:.2g}", *result.standard_error);
  return text;
}

// The end of a dotted path from its last `parts` parts.
std::string ending(const std::string& key, std::size_t parts) {
  std::size_t begin = key.size();
  for (; parts > 0 && begin != std::string::npos && begin != 0; --parts) begin = key.rfind('.', begin - 1);
  return begin == std::string::npos || begin == 0 ? key : key.substr(begin + 1);
}

int64_t step_of(const Trial& trial) {
  int64_t step = 0;
  for (const SweepRun& run : trial.runs) step += run.step;
  return step;
}

double seconds_of(const Trial& trial) {
  double seconds = 0;
  for (const SweepRun& run : trial.runs) seconds += run.seconds;
  return seconds;
}

// Running ones first, then complete ones by value, then the rest, each by number.
std::vector<const Trial*> in_order(const Sweep& sweep) {
  std::vector<const Trial*> order;
  for (const Trial& trial : sweep.state().trials()) order.push_back(&trial);
  const double sign = sweep.definition().metric.maximize ? -1 : 1;
  const auto rank = [&](const Trial* trial) {
    const TrialResult result = result_of(*trial);
    if (result.state == State::running) return std::tuple(0, 0.0, trial->number);
    if (result.state == State::complete && result.value) return std::tuple(1, sign * *result.value, trial->number);
    return std::tuple(2, 0.0, trial->number);
  };
  std::ranges::sort(order, {}, rank);
  return order;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// How many characters a text takes on a terminal: those of UTF-8 that begin one.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

using Row = std::vector<std::string>;

// Columns as wide as their widest cell.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - display_width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> short_names(const SearchSpace& space) {
  std::vector<std::string> names;
  for (const SearchParameter& parameter : space) {
    std::size_t parts = 1;
    const auto clashes = [&](const SearchParameter& other) {
      return other.key != parameter.key && ending(other.key, parts) == ending(parameter.key, parts);
    };
    while (ending(parameter.key, parts) != parameter.key && std::ranges::any_of(space, clashes)) ++parts;
    names.push_back(ending(parameter.key, parts));
  }
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
  std::string text = fmt::format("{} of {} trials", trials.size(), sweep.definition().trials());
  std::string separator = ": ";
  for (const State state :
       {State::running, State::waiting, State::complete, State::pruned, State::diverged, State::failed}) {
    const auto count = std::ranges::count(trials, state, [](const Trial& trial) { return result_of(trial).state; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, to_string(state));
    separator = ", ";
  }
  if (const Trial* best = sweep.state().best()) {
    text += fmt::format("; best: trial {}, {} {}", best->number, sweep.definition().metric.name.name,
                        value_text(result_of(*best)));
  }
  return text;
}

std::string trials_table(const Sweep& sweep, std::size_t most_rows) {
  std::vector<Row> rows{{"trial", "state", sweep.definition().metric.name.name, "step", "time", "parameters"}};
  const std::vector<const Trial*> order = in_order(sweep);
  for (const Trial* trial : order) {
    if (rows.size() > most_rows) break;
    const TrialResult result = result_of(*trial);
    const double seconds = seconds_of(*trial);
    rows.push_back({std::to_string(trial->number), std::string(to_string(result.state)), value_text(result),
                    step_of(*trial) > 0 ? std::to_string(step_of(*trial)) : "",
                    seconds > 0 ? format_duration(seconds) : "", point_text(sweep.definition().space, trial->point)});
  }
  std::string text = aligned(rows);
  if (order.size() + 1 > rows.size()) text += fmt::format("… and {} more\n", order.size() + 1 - rows.size());
  return text;
}

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
  if (const Trial* best = sweep.state().best()) {
    text += fmt::format("best:    {}\n", point_text(sweep.definition().space, best->point));
    text += fmt::format("its run: {}\n", sweep.run_folder({best->number, 0}).string());
  }
  if (!sweep.state().is_over()) return text + fmt::format("go on with: duel sweep {}\n", folder);
  return text + fmt::format("compare: duel compare {}\ntables:  {}\n", folder, (sweep.folder() / "sweep.h5").string());
}

}  // namespace duel
