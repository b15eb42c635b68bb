#include "tools/metrics_option.hpp"

#include <algorithm>

#include "registry/registry.hpp"
#include "yaml/override.hpp"

namespace duel {
namespace {

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

// A map of the metrics and the parameters that the overrides give them.
YamlNode written_metrics(const std::vector<std::string>& names, const std::vector<std::string>& overrides,
                         Problems& problems) {
  YamlNode root;
  root.kind = YamlNode::Kind::map;
  const Position where{"--metrics", 0, 0};
  for (const std::string& name : names) {
    if (root.find(name) != nullptr) problems.add(where, {}, fmt::format("'{}' is named twice", name));
    root.entries.push_back({name, where, {}});
  }
  for (const std::string& text : overrides) {
    const std::string metric = text.substr(0, text.find_first_of(".="));
    if (std::ranges::find(names, metric) == names.end()) {
      problems.add({fmt::format("override '{}'", text), 0, 0}, {}, fmt::format("'{}' is not scored", metric),
                   "write METRIC.PARAMETER=VALUE, with a metric that --metrics names");
    } else {
      apply_override(root, text, problems);
    }
  }
  return root;
}

}  // namespace

std::vector<NamedMetric> read_metrics(const std::string& list, const std::vector<std::string>& overrides,
                                      const Registry& registry) {
  const std::vector<std::string> names = names_of(list);
  Problems problems;
  const YamlNode root = written_metrics(names, overrides, problems);
  ReadContext context{registry, problems, {}};
  std::vector<NamedMetric> metrics;
  for (const std::string& name : names) {
    const YamlNode::Entry& entry = *root.find_entry(name);
    metrics.push_back(
        {name, registry.metrics.read(WrittenComponent{name, entry.where, entry.value}, context), to_line(entry.value)});
  }
  problems.throw_if_any();
  return metrics;
}

}  // namespace duel
