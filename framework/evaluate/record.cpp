#include "evaluate/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"

namespace duel {
namespace {

using nlohmann::json;

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

template <class Value>
std::string or_unknown(const std::optional<Value>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

struct Comparison {
  std::vector<std::string> differences;

  template <class Value>
  void add(const std::string& name, const Value& a, const Value& b) {
    if (a != b) differences.push_back(fmt::format("{}: {}, {}", name, or_unknown(a), or_unknown(b)));
  }
};

std::optional<std::string> value_of(const std::map<std::string, std::string>& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::nullopt : std::optional(found->second);
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
  // Each warning once, with the metrics that it is of.
  std::vector<std::pair<std::string, std::string>> warnings;
  const auto count = [](const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "-"; };
  for (const EvaluationRecord& record : records) {
    lines.push_back({record.given.empty() ? record.metric : fmt::format("{} {}", record.metric, record.given),
                     fmt::format("{:.6g}", record.value),
                     record.uncertainty ? fmt::format("{:.3g}", *record.uncertainty) : "-", floor_text(record),
                     count(record.n_real), count(record.n_fake), or_unknown(record.protocol.features)});
    for (const std::string& warning : record.warnings) {
      const auto told = std::ranges::find(warnings, warning, [](const auto& known) { return known.second; });
      if (told == warnings.end()) {
        warnings.emplace_back(record.metric, warning);
      } else if (!told->first.ends_with(record.metric)) {
        told->first += ", " + record.metric;
      }
    }
  }
  std::string out = aligned(lines);
  for (const auto& [metrics, warning] : warnings) out += fmt::format("warning: {}: {}\n", metrics, warning);
  return out;
}

std::vector<std::string> differences(const EvaluationRecord& a, const EvaluationRecord& b) {
  Comparison comparison;
  comparison.add("metric", a.metric, b.metric);
  comparison.add("n_real", a.n_real, b.n_real);
  comparison.add("n_fake", a.n_fake, b.n_fake);
  comparison.add("features", a.protocol.features, b.protocol.features);
  comparison.add("features_hash", a.protocol.features_hash, b.protocol.features_hash);
  comparison.add("preprocessing", a.protocol.preprocessing, b.protocol.preprocessing);
  comparison.add("split", a.protocol.split, b.protocol.split);
  comparison.add("seed", a.protocol.seed, b.protocol.seed);
  std::set<std::string> names;
  for (const auto* parameters : {&a.protocol.parameters, &b.protocol.parameters}) {
    for (const auto& [name, value] : *parameters) names.insert(name);
  }
  for (const std::string& name : names) {
    comparison.add("parameters." + name, value_of(a.protocol.parameters, name), value_of(b.protocol.parameters, name));
  }
  return std::move(comparison.differences);
}

}  // namespace duel
