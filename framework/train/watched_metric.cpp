#include "train/watched_metric.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/turns.hpp"
#include "train/evaluation.hpp"

namespace duel {

void fail_metric(const MetricName& name, const std::string& what, const std::string& remedy) {
  throw UserError(ExitCode::experiment, Problem{name.where, name.path, what, remedy, {}});
}

WatchedMetric find_metric(const Experiment& experiment, const MetricName& name, bool needs_better) {
  const std::vector<std::string> metrics = recorded_names(experiment);
  std::vector<std::string> known, full_names;
  std::optional<WatchedMetric> watched;
  for (std::size_t i = 0; i < experiment.evaluations.size(); ++i) {
    for (const MetricOutput& output : outputs_of(experiment.evaluations[i])) {
      const std::string full = fmt::format("{}.{}", experiment.evaluations[i].name, output.name);
      known.push_back(experiment.evaluations.size() > 1 ? full : output.name);
      if (name.name != output.name && name.name != full) continue;
      if (needs_better && output.better == Better::neither) {
        fail_metric(name, fmt::format("no value of {} is better than another", name.name), "choose another metric");
      }
      watched = {i, output.name, full, output.better, 0};
      full_names.push_back(full);
    }
  }
  if (full_names.size() > 1) {
    fail_metric(name, fmt::format("several evaluations give {}", name.name),
                fmt::format("write one of: {}", fmt::join(full_names, ", ")));
  }
  if (watched) return *watched;
  const auto found = std::ranges::find(metrics, name.name);
  if (!needs_better && found != metrics.end()) {
    return {std::nullopt, name.name, name.name, Better::neither, static_cast<std::size_t>(found - metrics.begin())};
  }
  if (!needs_better) known.insert(known.end(), metrics.begin(), metrics.end());
  std::string remedy = suggestion(name.name, known);
  if (remedy.empty()) {
    remedy = known.empty() ? "add an `evaluate:` section" : fmt::format("there are: {}", fmt::join(known, ", "));
  }
  if (experiment.evaluations.empty() && !known.empty() && !remedy.starts_with("did you mean")) {
    remedy += "; a score such as fid needs an `evaluate:` section";
  }
  fail_metric(name, fmt::format("no {} is called '{}'", needs_better ? "metric of an evaluation" : "metric", name.name),
              remedy);
}

}  // namespace duel
