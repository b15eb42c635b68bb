#include "tools/compare/columns.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tools/run_text.hpp"
#include "yaml/document.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

using Kind = CompareColumn::Kind;

const std::vector<CompareColumn>& fixed_columns() {
  static const std::vector<CompareColumn> columns{{Kind::run, "run"},
                                                  {Kind::trial, "trial"},
                                                  {Kind::state, "state"},
                                                  {Kind::step, "step"},
                                                  {Kind::seconds, "seconds"}};
  return columns;
}

bool ends_in(const std::string& key, const std::string& end) { return key == end || key.ends_with("." + end); }

std::vector<std::string> keys_of_all(std::span<const RunEntry> runs) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  for (const RunEntry& run : runs) {
    for (const RunParameter& parameter : run.parameters) {
      if (seen.insert(parameter.key).second) keys.push_back(parameter.key);
    }
  }
  return keys;
}

bool differs(std::span<const RunEntry> runs, const std::string& key) {
  const std::string* previous = nullptr;
  bool seen = false;
  for (const RunEntry& run : runs) {
    if (run.state == RunState::damaged) continue;
    const std::string* value = parameter_of(run, key);
    if (seen && (value == nullptr || previous == nullptr ? value != previous : !same_value(*value, *previous)))
      return true;
    previous = value;
    seen = true;
  }
  return false;
}

// A description is of a run as a whole, and too long for a table.
bool is_shown(const std::string& key) { return key != "description"; }

CompareCell metric_cell(const RunEntry& run, const RunMetric& metric, Choice choice) {
  const auto value = chosen_value(run, metric, choice);
  if (!value) return {};
  CompareCell cell{fmt::format("{:.6g}", value->value), value->value};
  if (value->record) cell.error = value->record->uncertainty;
  cell.step = value->step;
  return cell;
}

}  // namespace

const std::string* parameter_of(const RunEntry& run, const std::string& key) {
  const auto found = std::ranges::find(run.parameters, key, &RunParameter::key);
  return found == run.parameters.end() ? nullptr : &found->value;
}

std::string plain_text(const std::string& yaml) {
  const YamlNode node = parse_yaml(yaml, "value");
  return node.is_scalar() ? node.text : yaml;
}

bool same_value(const std::string& a, const std::string& b) { return comparable_value(a) == comparable_value(b); }

CompareColumns::CompareColumns(std::span<const RunEntry> runs, Choice choice)
    : runs_(runs), choice_(choice), keys_(keys_of_all(runs)) {
  std::vector<std::string> differing;
  for (const std::string& key : keys_) {
    if (is_shown(key) && differs(runs, key)) differing.push_back(key);
  }
  std::set<std::string> taken;
  for (const CompareColumn& column : fixed_columns()) taken.insert(column.heading);
  for (const RunMetric& metric : metrics_of(runs)) taken.insert(metric.name);
  for (const std::string& key : differing) {
    parameters_.push_back({Kind::parameter, shortest_end(key, differing, taken), key});
  }
}

std::vector<CompareColumn> CompareColumns::usual_metrics() const {
  std::vector<CompareColumn> evaluated, trained;
  for (RunMetric& metric : metrics_of(runs_)) {
    auto& columns = metric.of_training ? trained : evaluated;
    std::string heading = metric.name;
    columns.push_back({Kind::metric, std::move(heading), {}, std::move(metric)});
  }
  return evaluated.empty() ? trained : evaluated;
}

std::string CompareColumns::heading_of(const std::string& key) const {
  const auto shown = std::ranges::find(parameters_, key, &CompareColumn::key);
  return shown == parameters_.end() ? key : shown->heading;
}

// Among several of that end, those in which runs differ are meant.
std::optional<CompareColumn> CompareColumns::find_parameter(const std::string& name, const std::string& option) const {
  std::vector<std::string> shown, all;
  for (const CompareColumn& column : parameters_) {
    if (ends_in(column.key, name)) shown.push_back(column.key);
  }
  for (const std::string& key : keys_) {
    if (ends_in(key, name)) all.push_back(key);
  }
  const std::vector<std::string>& found = shown.empty() ? all : shown;
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return CompareColumn{Kind::parameter, heading_of(found.front()), found.front()};
  throw UserError(ExitCode::experiment, fmt::format("{}: several parameters are called '{}'", option, name),
                  fmt::format("write one of: {}", fmt::join(found, ", ")));
}

CompareColumn CompareColumns::find(const std::string& name, const std::string& option) const {
  const auto fixed = std::ranges::find(fixed_columns(), name, &CompareColumn::heading);
  if (fixed != fixed_columns().end()) return *fixed;
  if (std::ranges::find(keys_, name) != keys_.end()) return {Kind::parameter, heading_of(name), name};
  if (auto metric = find_metric(runs_, name)) return {Kind::metric, name, {}, std::move(*metric)};
  if (auto parameter = find_parameter(name, option)) return std::move(*parameter);
  std::vector<std::string> known;
  for (const CompareColumn& column : fixed_columns()) known.push_back(column.heading);
  for (const CompareColumn& column : parameters_) known.push_back(column.heading);
  for (const RunMetric& metric : metrics_of(runs_)) known.push_back(metric.name);
  std::string remedy = suggestion(name, known);
  if (remedy.empty()) remedy = suggestion(name, keys_);
  if (remedy.empty()) remedy = fmt::format("there are: {}", fmt::join(known, ", "));
  throw UserError(ExitCode::experiment, fmt::format("{}: no parameter or metric is called '{}'", option, name), remedy);
}

bool CompareColumns::has_trials() const {
  return std::ranges::any_of(runs_, [](const RunEntry& run) { return run.trial.has_value(); });
}

CompareColumn CompareColumns::find_parameter_column(const std::string& name, const std::string& option) const {
  if (std::ranges::find(keys_, name) != keys_.end()) return {Kind::parameter, heading_of(name), name};
  if (auto parameter = find_parameter(name, option)) return std::move(*parameter);
  const std::string near = suggestion(name, keys_);
  throw UserError(ExitCode::experiment, fmt::format("{}: no parameter is called '{}'", option, name), near);
}

CompareColumn CompareColumns::find_metric_column(const std::string& name, const std::string& option) const {
  return {Kind::metric, name, {}, metric_named(runs_, name, option)};
}

CompareCell CompareColumns::cell(const RunEntry& run, const CompareColumn& column) const {
  DUEL_CHECK(column.kind != Kind::count, "a run has no count of runs");
  const bool damaged = run.state == RunState::damaged;
  switch (column.kind) {
    case Kind::run:
      return {run.folder.string()};
    case Kind::trial:
      if (!run.trial) return {};
      return {std::to_string(run.trial->number), static_cast<double>(run.trial->number)};
    case Kind::state:
      return {std::string(to_string(run.state))};
    case Kind::step:
      if (damaged) return {};
      return {steps_text(run), static_cast<double>(run.step)};
    case Kind::seconds:
      if (damaged) return {};
      return {fmt::format("{:.1f}", run.seconds), run.seconds};
    case Kind::parameter: {
      const std::string* value = parameter_of(run, column.key);
      return value == nullptr ? CompareCell{} : CompareCell{*value, parse_float(*value)};
    }
    case Kind::metric:
      return metric_cell(run, column.metric, choice_);
    case Kind::count:
      break;
  }
  return {};
}

}  // namespace duel
