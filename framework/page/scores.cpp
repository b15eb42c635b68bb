#include "page/scores.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace duel {
namespace {

using nlohmann::json;

// JSON has no infinities.
json finite_or_null(double value) { return std::isfinite(value) ? json(value) : json(); }
json finite_or_null(const std::optional<double>& value) { return value ? finite_or_null(*value) : json(); }

// An object whatever the text is: run.h5 may hold shortened records.
json parsed_record(const std::string& text) {
  json record = json::parse(text, nullptr, false);
  return record.is_object() ? record : json::object();
}

json member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

json new_series(const std::string& evaluation, const std::string& metric, bool later) {
  return {{"evaluation", evaluation}, {"metric", metric},   {"later", later},
          {"points", json::array()},  {"floor_n", nullptr}, {"warnings", json::array()}};
}

void add_point(json& series, int64_t step, const json& seconds, const StoredScore& score, ProtocolTable& protocols) {
  const json record = parsed_record(score.record);
  const std::size_t place = protocols.place(series["metric"].get<std::string>(), record);
  series["points"].push_back({step, seconds, finite_or_null(score.value), finite_or_null(score.uncertainty),
                              finite_or_null(score.floor), place});
  const json floor_n = member(record, "floor_n"), warnings = member(record, "warnings");
  series["floor_n"] = floor_n.is_number() ? floor_n : json();
  series["warnings"] = json::array();
  if (!warnings.is_array()) return;
  for (const json& warning : warnings) {
    if (warning.is_string()) series["warnings"].push_back(warning);
  }
}

void add_later(const RunEntry& entry, ProtocolTable& protocols, json& out) {
  std::map<std::pair<std::string, std::string>, std::map<int64_t, const StoredScore*>> later;
  for (const LaterEvaluation& evaluation : entry.later) {
    // Of several of one step the last in the folder's order counts.
    for (const auto& [metric, score] : evaluation.scores) later[{evaluation.name, metric}][evaluation.step] = &score;
  }
  for (const auto& [name, steps] : later) {
    json series = new_series(name.first, name.second, true);
    for (const auto& [step, score] : steps) add_point(series, step, nullptr, *score, protocols);
    out.push_back(std::move(series));
  }
}

}  // namespace

std::size_t ProtocolTable::place(const std::string& metric, const json& record) {
  json flat{{"metric", metric}};
  for (const char* key : {"better", "uncertainty_kind", "n_real", "n_fake"}) flat[key] = member(record, key);
  const json protocol = member(record, "protocol");
  for (const char* key : {"features", "features_hash", "preprocessing", "split", "seed"}) {
    flat[key] = protocol.is_object() ? member(protocol, key) : json();
  }
  const json parameters = protocol.is_object() ? member(protocol, "parameters") : json();
  if (parameters.is_object()) {
    for (const auto& [key, value] : parameters.items()) flat["parameter " + key] = value;
  }
  const std::string text = flat.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto found = std::ranges::find(texts_, text);
  if (found != texts_.end()) return static_cast<std::size_t>(found - texts_.begin());
  texts_.push_back(text);
  return texts_.size() - 1;
}

json page_scores(const RunEntry& entry, ProtocolTable& protocols) {
  json out = json::array();
  for (const auto& [name, evaluation] : entry.records.evaluations) {
    for (const auto& [metric, scores] : evaluation.metrics) {
      json series = new_series(name, metric, false);
      for (std::size_t i = 0; i < scores.size() && i < evaluation.steps.size(); ++i) {
        const json seconds = i < evaluation.seconds.size() ? finite_or_null(evaluation.seconds[i]) : json();
        add_point(series, evaluation.steps[i], seconds, scores[i], protocols);
      }
      if (!series["points"].empty()) out.push_back(std::move(series));
    }
  }
  add_later(entry, protocols, out);
  return out;
}

}  // namespace duel
