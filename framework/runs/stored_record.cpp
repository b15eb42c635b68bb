#include "runs/stored_record.hpp"

#include <nlohmann/json.hpp>

namespace duel {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Number>
std::optional<Number> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<Number>()) : std::nullopt;
}

Better better_side(const std::string& text) {
  return text == "lower" ? Better::lower : text == "higher" ? Better::higher : Better::neither;
}

Protocol protocol_at(const json& object) {
  Protocol protocol;
  const auto found = object.find("protocol");
  if (found == object.end() || !found->is_object()) return protocol;
  protocol.features = text_at(*found, "features");
  protocol.features_hash = text_at(*found, "features_hash");
  protocol.preprocessing = text_at(*found, "preprocessing");
  protocol.split = text_at(*found, "split");
  protocol.seed = number_at<uint64_t>(*found, "seed");
  const auto parameters = found->find("parameters");
  if (parameters == found->end() || !parameters->is_object()) return protocol;
  for (const auto& [name, value] : parameters->items()) {
    if (value.is_string()) protocol.parameters[name] = value.get<std::string>();
  }
  return protocol;
}

}  // namespace

std::optional<EvaluationRecord> stored_record(const StoredScore& score) {
  const json object = json::parse(score.record, nullptr, false);
  if (!object.is_object() || !object.contains("metric")) return std::nullopt;
  EvaluationRecord record;
  record.metric = text_at(object, "metric");
  record.value = score.value;
  record.better = better_side(text_at(object, "better"));
  record.uncertainty = score.uncertainty;
  record.uncertainty_kind = text_at(object, "uncertainty_kind");
  record.n_real = number_at<int64_t>(object, "n_real");
  record.n_fake = number_at<int64_t>(object, "n_fake");
  if (score.floor) record.floor = Floor{*score.floor, number_at<int64_t>(object, "floor_n").value_or(0)};
  record.protocol = protocol_at(object);
  record.rank_deficient = object.value("rank_deficient", json(false)) == json(true);
  if (const auto warnings = object.find("warnings"); warnings != object.end() && warnings->is_array()) {
    for (const json& warning : *warnings) {
      if (warning.is_string()) record.warnings.push_back(warning.get<std::string>());
    }
  }
  return record;
}

}  // namespace duel
