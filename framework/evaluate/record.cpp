#include "evaluate/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace duel {
namespace {

using nlohmann::json;

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

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

template <class Number>
std::optional<std::string> text_of(const std::optional<Number>& number) {
  return number ? std::optional(fmt::format("{}", *number)) : std::nullopt;
}

std::optional<std::string> text_of(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> value_in(std::span<const ProtocolField> fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &ProtocolField::name);
  return found == fields.end() ? std::nullopt : found->value;
}

// Bytes that continue a UTF-8 character take no column.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

using Line = std::vector<std::string>;

std::string aligned(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns_of(line[i]));
  }
  std::string out;
  for (const Line& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i] + std::string(widths[i] - columns_of(line[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

}  // namespace

std::string_view to_string(Better better) {
  return better == Better::lower ? "lower" : better == Better::higher ? "higher" : "neither";
}

json record_json(const EvaluationRecord& record) {
  const Protocol& protocol = record.protocol;
  return {{"metric", record.metric},
          {"value", record.value},
          {"better", to_string(record.better)},
          {"uncertainty", or_null(record.uncertainty)},
          {"uncertainty_kind", or_null(record.uncertainty_kind)},
          {"n_real", or_null(record.n_real)},
          {"n_fake", or_null(record.n_fake)},
          {"floor", record.floor ? json(record.floor->value) : json()},
          {"floor_n", record.floor ? json(record.floor->n) : json()},
          {"floor_seed", record.floor ? json(record.floor_seed) : json()},
          {"rank_deficient", record.rank_deficient},
          {"warnings", record.warnings},
          {"protocol",
           {{"features", or_null(protocol.features)},
            {"features_hash", or_null(protocol.features_hash)},
            {"preprocessing", or_null(protocol.preprocessing)},
            {"split", or_null(protocol.split)},
            {"seed", or_null(protocol.seed)},
            {"parameters", protocol.parameters}}}};
}

std::string record_json_text(const EvaluationRecord& record) {
  return record_json(record).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<EvaluationRecord> record_from_json(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains("metric")) return std::nullopt;
  EvaluationRecord record;
  record.metric = text_at(object, "metric");
  record.value = number_at<double>(object, "value").value_or(std::numeric_limits<double>::quiet_NaN());
  record.better = better_side(text_at(object, "better"));
  record.uncertainty = number_at<double>(object, "uncertainty");
  record.uncertainty_kind = text_at(object, "uncertainty_kind");
  record.n_real = number_at<int64_t>(object, "n_real");
  record.n_fake = number_at<int64_t>(object, "n_fake");
  if (const auto floor = number_at<double>(object, "floor")) {
    record.floor = Floor{*floor, number_at<int64_t>(object, "floor_n").value_or(0)};
    record.floor_seed = number_at<uint64_t>(object, "floor_seed").value_or(0);
  }
  record.protocol = protocol_at(object);
  record.rank_deficient = object.value("rank_deficient", json(false)) == json(true);
  if (const auto warnings = object.find("warnings"); warnings != object.end() && warnings->is_array()) {
    for (const json& warning : *warnings) {
      if (warning.is_string()) record.warnings.push_back(warning.get<std::string>());
    }
  }
  return record;
}

std::string records_json_text(std::span<const EvaluationRecord> records) {
  json list = json::array();
  for (const EvaluationRecord& record : records) list.push_back(record_json(record));
  // File names need not be UTF-8.
  return list.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

namespace {

// With its number of examples where that is not the score's: fewer give larger values.
std::string floor_text(const EvaluationRecord& record) {
  if (!record.floor) return "-";
  const std::string value = fmt::format("{:.4g}", record.floor->value);
  return !record.n_fake || record.n_fake == record.floor->n ? value : fmt::format("{} (of {})", value, record.floor->n);
}

}  // namespace

std::string records_table(std::span<const EvaluationRecord> records) {
  std::vector<Line> lines{{"metric", "value", "±", "floor", "real", "fake", "features"}};
  struct ToldWarning {
    std::string text;
    std::vector<std::string> metrics;
  };
  std::vector<ToldWarning> warnings;
  const auto count = [](const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "-"; };
  for (const EvaluationRecord& record : records) {
    lines.push_back({record.given.empty() ? record.metric : fmt::format("{} {}", record.metric, record.given),
                     fmt::format("{:.6g}", record.value),
                     record.uncertainty ? fmt::format("{:.3g}", *record.uncertainty) : "-", floor_text(record),
                     count(record.n_real), count(record.n_fake), or_unknown(record.protocol.features)});
    for (const std::string& warning : record.warnings) {
      auto told = std::ranges::find(warnings, warning, &ToldWarning::text);
      if (told == warnings.end()) told = warnings.insert(told, {warning, {}});
      if (std::ranges::find(told->metrics, record.metric) == told->metrics.end()) {
        told->metrics.push_back(record.metric);
      }
    }
  }
  std::string out = aligned(lines);
  for (const ToldWarning& told : warnings) {
    out += fmt::format("warning: {}: {}\n", fmt::join(told.metrics, ", "), told.text);
  }
  return out;
}

std::vector<ProtocolField> protocol_fields(const EvaluationRecord& record) {
  const Protocol& protocol = record.protocol;
  std::vector<ProtocolField> fields{{"metric", text_of(record.metric)},
                                    {"n_real", text_of(record.n_real)},
                                    {"n_fake", text_of(record.n_fake)},
                                    {"features", text_of(protocol.features)},
                                    {"features_hash", text_of(protocol.features_hash)},
                                    {"preprocessing", text_of(protocol.preprocessing)},
                                    {"split", text_of(protocol.split)},
                                    {"seed", text_of(protocol.seed)}};
  for (const auto& [name, value] : protocol.parameters) fields.push_back({"parameters." + name, value});
  return fields;
}

std::vector<std::string> differences(const EvaluationRecord& a, const EvaluationRecord& b) {
  const auto of_a = protocol_fields(a), of_b = protocol_fields(b);
  std::vector<std::string> names;
  for (const auto* fields : {&of_a, &of_b}) {
    for (const ProtocolField& field : *fields) {
      if (std::ranges::find(names, field.name) == names.end()) names.push_back(field.name);
    }
  }
  std::sort(std::ranges::find_if(names, [](const std::string& name) { return name.starts_with("parameters."); }),
            names.end());
  std::vector<std::string> different;
  for (const std::string& name : names) {
    const auto x = value_in(of_a, name), y = value_in(of_b, name);
    if (x != y) different.push_back(fmt::format("{}: {}, {}", name, x.value_or("unknown"), y.value_or("unknown")));
  }
  return different;
}

}  // namespace duel
