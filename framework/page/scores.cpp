#include "page/scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "runs/unlike_scores.hpp"

namespace duel {
namespace {

using nlohmann::json;

// JSON has no infinities.
json finite_or_null(double value) { return std::isfinite(value) ? json(value) : json(); }

// Seconds of training when it had done the step, between records on a straight line; null where there are no records.
json seconds_at(const RunRecords& records, int64_t step) {
  if (records.steps.empty() || records.seconds.size() != records.steps.size()) return {};
  const auto after = std::ranges::lower_bound(records.steps, step);
  if (after == records.steps.end()) return finite_or_null(records.seconds.back());
  const auto place = static_cast<std::size_t>(after - records.steps.begin());
  if (*after == step || place == 0) return finite_or_null(records.seconds[place]);
  const double share =
      static_cast<double>(step - records.steps[place - 1]) / static_cast<double>(*after - records.steps[place - 1]);
  return finite_or_null(records.seconds[place - 1] + share * (records.seconds[place] - records.seconds[place - 1]));
}

// When the evaluation itself was made, where the training made it.
json seconds_of(const RunRecords& records, const RunScore& score) {
  if (!score.later) {
    const auto evaluation = records.evaluations.find(score.evaluation);
    if (evaluation != records.evaluations.end()) {
      const auto at = std::ranges::find(evaluation->second.steps, score.step);
      const auto place = static_cast<std::size_t>(at - evaluation->second.steps.begin());
      if (place < evaluation->second.seconds.size()) return finite_or_null(evaluation->second.seconds[place]);
    }
  }
  return seconds_at(records, score.step);
}

json series_json(const RunRecords& records, const std::vector<const RunScore*>& scores, ProtocolTable& protocols) {
  const RunScore& newest = *scores.back();
  json points = json::array();
  for (const RunScore* score : scores) {
    const auto& record = score->record;
    points.push_back({score->step, seconds_of(records, *score), finite_or_null(score->value),
                      record && record->uncertainty ? finite_or_null(*record->uncertainty) : json(),
                      record && record->floor ? finite_or_null(record->floor->value) : json(),
                      protocols.place(*score)});
  }
  return {{"evaluation", newest.evaluation},
          {"metric", newest.metric},
          {"later", newest.later},
          {"points", points},
          {"floor_n", newest.record && newest.record->floor ? json(newest.record->floor->n) : json()},
          {"warnings", newest.record ? json(newest.record->warnings) : json::array()}};
}

// The last score of each run; with `later`, of those alone that were asked for later, or were not.
std::vector<RecordOfRun> last_records(std::span<const RunEntry* const> runs, std::span<const std::string> ids,
                                      const RunMetric& metric, std::optional<bool> later) {
  std::vector<RecordOfRun> out;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunScore* last = nullptr;
    for (const RunScore& score : runs[i]->scores) {
      if (score.evaluation != metric.evaluation || score.metric != metric.metric) continue;
      if (!later || score.later == *later) last = &score;
    }
    if (last != nullptr && last->record) out.push_back({ids[i], *last->record});
  }
  return out;
}

std::vector<RunMetric> score_names(std::span<const RunEntry* const> runs) {
  std::vector<RunMetric> names;
  for (const RunEntry* run : runs) {
    for (const RunScore& score : run->scores) {
      RunMetric name{fmt::format("{}.{}", score.evaluation, score.metric), score.metric, score.evaluation, false};
      if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace

std::size_t ProtocolTable::place(const RunScore& score) {
  EvaluationRecord unknown;
  unknown.metric = score.metric;
  const EvaluationRecord& record = score.record ? *score.record : unknown;
  json protocol{{"better", score.record ? json(to_string(record.better)) : json()},
                {"uncertainty_kind", record.uncertainty_kind.empty() ? json() : json(record.uncertainty_kind)}};
  for (const ProtocolField& field : protocol_fields(record)) {
    protocol[field.name] = field.value ? json(*field.value) : json();
  }
  const auto found = std::ranges::find(protocols_, protocol);
  if (found != protocols_.end()) return static_cast<std::size_t>(found - protocols_.begin());
  protocols_.push_back(std::move(protocol));
  return protocols_.size() - 1;
}

json page_scores(const RunEntry& entry, ProtocolTable& protocols) {
  std::map<std::tuple<bool, std::string, std::string>, std::vector<const RunScore*>> series;
  for (const RunScore& score : entry.scores) {
    auto& points = series[{score.later, score.evaluation, score.metric}];
    if (!points.empty() && points.back()->step == score.step) points.pop_back();
    points.push_back(&score);
  }
  json out = json::array();
  for (const auto& [name, points] : series) out.push_back(series_json(entry.records, points, protocols));
  return out;
}

json page_unlike_scores(std::span<const RunEntry* const> runs, std::span<const std::string> ids) {
  json out = json::array();
  for (const RunMetric& metric : score_names(runs)) {
    std::vector<std::vector<std::string>> told;
    const auto tell = [&](const char* of, std::optional<bool> later) {
      const auto unlike = unlike_scores(metric.name, last_records(runs, ids, metric, later));
      if (!unlike) return;
      auto lines = descriptions(*unlike);
      if (std::ranges::find(told, lines) != told.end()) return;
      out.push_back({{"name", metric.name}, {"of", of}, {"lines", lines}});
      told.push_back(std::move(lines));
    };
    tell("last", std::nullopt);
    tell("training", false);
    tell("later", true);
  }
  return out;
}

}  // namespace duel
