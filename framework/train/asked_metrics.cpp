#include "train/asked_metrics.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "evaluate/metric.hpp"
#include "yaml/override.hpp"

namespace duel {
namespace {

const Position place_of_list{"--metrics", 0, 0};

std::vector<std::string> names_of(const std::string& list, std::span<const MetricSpec> own) {
  if (!list.empty()) return split_at_commas(list);
  std::vector<std::string> names;
  for (const MetricSpec& metric : own) names.push_back(metric.kind);
  return names;
}

// Adds a problem for a name that is no metric's but is known otherwise: of a record, or a customary abbreviation.
bool is_told_by_another_name(const std::string& name, const Registry& registry, Problems& problems) {
  if (registry.metrics.find(name) != nullptr) return false;
  if (name == "is") {
    problems.add(place_of_list, {}, "no metric is called 'is'", "the inception score is 'inception_score'");
    return true;
  }
  for (const std::string& kind : registry.metrics.kinds()) {
    Problems ignored;  // one with parameters that are required has no records to tell
    ReadContext context{registry, ignored, {}};
    const auto metric = registry.metrics.read(WrittenComponent{kind, place_of_list, {}}, context);
    if (metric == nullptr || !ignored.empty()) continue;
    const std::vector<MetricOutput> outputs = metric->outputs();
    if (std::ranges::find(outputs, name, &MetricOutput::name) == outputs.end()) continue;
    problems.add(place_of_list, {}, fmt::format("'{}' is a record of the metric '{}'", name, kind),
                 fmt::format("name that one: --metrics {}", kind));
    return true;
  }
  return false;
}

void apply_to_metrics(YamlNode& root, const std::string& text, Problems& problems) {
  const std::string metric = metric_of_override(text);
  const Position where = position_of_override(text);
  if (root.find(metric) == nullptr) {
    problems.add(where, {}, fmt::format("'{}' is not scored", metric),
                 "write METRIC.PARAMETER=VALUE, with a metric that --metrics names");
  } else if (text.size() > metric.size() && text[metric.size()] == '=') {
    problems.add(where, {}, "it names no parameter of the metric",
                 fmt::format("write {}.PARAMETER=VALUE; 'duel help {}' lists the parameters", metric, metric));
  } else {
    apply_override(root, text, {}, problems);
  }
}

// A map of the metrics and their parameters.
YamlNode written_metrics(const std::vector<std::string>& names, const std::vector<std::string>& overrides,
                         std::span<const MetricSpec> own, Problems& problems) {
  YamlNode root;
  root.kind = YamlNode::Kind::map;
  for (const std::string& name : names) {
    if (root.find(name) != nullptr) {
      problems.add(place_of_list, {}, fmt::format("'{}' is named twice", name));
      continue;
    }
    const auto known = std::ranges::find(own, name, &MetricSpec::kind);
    const bool has_parameters = known != own.end() && !known->parameters.empty();
    root.entries.push_back(
        {name, known != own.end() ? known->where : place_of_list,
         has_parameters ? parse_yaml(known->parameters, fmt::format("parameters of {}", name)) : YamlNode{}});
  }
  for (const std::string& text : overrides) apply_to_metrics(root, text, problems);
  return root;
}

}  // namespace

std::string metric_of_override(const std::string& text) { return text.substr(0, text.find_first_of(".=")); }

std::vector<MetricSpec> read_asked_metrics(const std::string& list, const std::vector<std::string>& overrides,
                                           std::span<const MetricSpec> own, const Registry& registry) {
  Problems problems;
  const YamlNode root = written_metrics(names_of(list, own), overrides, own, problems);
  ReadContext context{registry, problems, {}};
  std::vector<MetricSpec> metrics;
  for (const YamlNode::Entry& entry : root.entries) {
    if (is_told_by_another_name(entry.key, registry, problems)) continue;
    metrics.push_back({entry.key, registry.metrics.read(WrittenComponent{entry.key, entry.where, entry.value}, context),
                       to_line(entry.value), entry.where});
  }
  problems.throw_if_any();
  return metrics;
}

}  // namespace duel
