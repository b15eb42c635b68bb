#include "runs/run_metrics.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

// Which evaluations of a run have a metric, by metric.
using EvaluationsByMetric = std::map<std::string, std::set<std::string>>;

EvaluationsByMetric evaluations_by_metric(const RunEntry& run) {
  EvaluationsByMetric found;
  for (const auto& [name, evaluation] : run.records.evaluations) {
    for (const auto& [metric, scores] : evaluation.metrics) found[metric].insert(name);
  }
  for (const LaterEvaluation& later : run.later) {
    for (const auto& [metric, score] : later.scores) found[metric].insert(later.name);
  }
  return found;
}

struct KnownMetrics {
  EvaluationsByMetric evaluations;    // of any run
  std::set<std::string> ambiguous;    // metrics that one run has of several evaluations
  std::vector<std::string> training;  // in the order of their first run
};

KnownMetrics known_metrics(std::span<const RunEntry> runs) {
  KnownMetrics known;
  for (const RunEntry& run : runs) {
    for (const auto& [metric, names] : evaluations_by_metric(run)) {
      known.evaluations[metric].insert(names.begin(), names.end());
      if (names.size() > 1) known.ambiguous.insert(metric);
    }
    for (const auto& [metric, values] : run.records.metrics) {
      if (std::ranges::find(known.training, metric) == known.training.end()) known.training.push_back(metric);
    }
  }
  return known;
}

bool is_of(const RunMetric& metric, const std::string& evaluation) {
  return !metric.evaluation || *metric.evaluation == evaluation;
}

std::vector<MetricValue> training_values(const RunEntry& run, const std::string& metric) {
  std::vector<MetricValue> values;
  const auto found = run.records.metrics.find(metric);
  if (found == run.records.metrics.end()) return values;
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    if (std::isnan(found->second[i])) continue;  // of a phase that does not play the loss, or before a resume
    values.push_back({run.records.steps[i], found->second[i], std::nullopt});
  }
  return values;
}

bool betters(const MetricValue& value, const MetricValue& than) {
  return value.record->better == Better::lower ? value.value < than.value : value.value > than.value;
}

}  // namespace

std::vector<RunMetric> metrics_of(std::span<const RunEntry> runs) {
  const KnownMetrics known = known_metrics(runs);
  std::vector<RunMetric> metrics;
  for (const auto& [metric, evaluations] : known.evaluations) {
    if (!known.ambiguous.contains(metric)) {
      metrics.push_back({metric, metric, std::nullopt, false});
      continue;
    }
    for (const std::string& name : evaluations) {
      metrics.push_back({fmt::format("{}.{}", name, metric), metric, name, false});
    }
  }
  for (const std::string& metric : known.training) {
    const bool taken = known.evaluations.contains(metric);
    metrics.push_back({taken ? "train." + metric : metric, metric, std::nullopt, true});
  }
  return metrics;
}

std::optional<RunMetric> find_metric(std::span<const RunEntry> runs, const std::string& name) {
  const KnownMetrics known = known_metrics(runs);
  const auto evaluations = known.evaluations.find(name);
  if (evaluations != known.evaluations.end()) {
    if (!known.ambiguous.contains(name)) return RunMetric{name, name, std::nullopt, false};
    std::vector<std::string> full;
    for (const std::string& evaluation : evaluations->second) full.push_back(fmt::format("{}.{}", evaluation, name));
    throw UserError(ExitCode::experiment, fmt::format("a run has several metrics called '{}'", name),
                    fmt::format("write one of: {}", fmt::join(full, ", ")));
  }
  for (const auto& [metric, names] : known.evaluations) {
    for (const std::string& evaluation : names) {
      if (name == fmt::format("{}.{}", evaluation, metric)) return RunMetric{name, metric, evaluation, false};
    }
  }
  for (const std::string& metric : known.training) {
    if (name == metric || name == "train." + metric) return RunMetric{name, metric, std::nullopt, true};
  }
  return std::nullopt;
}

RunMetric metric_named(std::span<const RunEntry> runs, const std::string& name, const std::string& option) {
  if (auto metric = find_metric(runs, name)) return std::move(*metric);
  std::vector<std::string> known;
  for (const RunMetric& metric : metrics_of(runs)) known.push_back(metric.name);
  std::string remedy = suggestion(name, known);
  if (remedy.empty()) {
    remedy = known.empty() ? "the runs have none" : fmt::format("there are: {}", fmt::join(known, ", "));
  }
  throw UserError(ExitCode::experiment, fmt::format("{}: no metric is called '{}'", option, name), remedy);
}

std::vector<MetricValue> values_of(const RunEntry& run, const RunMetric& metric) {
  if (metric.of_training) return training_values(run, metric.metric);
  std::vector<MetricValue> values;
  for (const RunScore& score : run.scores) {
    if (score.metric == metric.metric && is_of(metric, score.evaluation)) {
      values.push_back({score.step, score.value, score.record});
    }
  }
  return values;
}

std::optional<MetricValue> chosen_value(const RunEntry& run, const RunMetric& metric, Choice choice) {
  const std::vector<MetricValue> values = values_of(run, metric);
  if (values.empty()) return std::nullopt;
  const MetricValue& last = values.back();
  if (choice == Choice::last || !last.record || last.record->better == Better::neither) return last;
  const MetricValue* best = &last;
  for (const MetricValue& value : values) {
    if (value.record && differences(*value.record, *last.record).empty() && betters(value, *best)) best = &value;
  }
  return *best;
}

}  // namespace duel
