#include <algorithm>

#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

// `values`, `pixels`, or what network.
FeatureSpec read_features(const YamlNode& node, const ReadContext& context) {
  FeatureSpec out;
  out.where = node.where;
  out.path = context.path;
  if (node.is_null()) return out;
  if (node.is_scalar()) {
    const bool pixels = node.text == "pixels";
    if (!pixels && node.text != "values") {
      context.problem(node, fmt::format("'{}' are no features", node.text),
                      "write values, pixels, or {from: RUN, network: NAME, at: LAYER}");
    }
    out.kind = pixels ? FeatureSpec::Kind::pixels : FeatureSpec::Kind::values;
    return out;
  }
  const auto section = read_section<FeaturesSection>(node, context);
  out.kind = FeatureSpec::Kind::network;
  out.from = section.from;
  out.network = section.network;
  out.layer = section.at;
  out.step = section.step;
  if (out.from.empty() && out.network.empty()) {
    context.problem(node, "the network that makes the features is missing",
                    "say {from: RUN, at: LAYER}, or {network: NAME, at: LAYER} for one of this experiment");
  }
  if (out.from.empty() && out.step) {
    context.child("step").problem(node, "there is a step only of a run that `from` names");
  }
  return out;
}

std::vector<MetricSpec> read_metrics(const YamlNode& node, const ReadContext& context) {
  std::vector<MetricSpec> out;
  const std::vector<YamlNode> lone{node};
  const std::vector<YamlNode>& items = node.is_sequence() ? node.items : lone;
  if (items.empty()) context.problem(node, "an evaluation needs at least one metric");
  for (std::size_t i = 0; i < items.size(); ++i) {
    ReadContext inner = node.is_sequence() ? context.child(i) : context;
    const auto written = written_component(items[i], inner, "metric");
    if (!written) continue;
    for (const MetricSpec& other : out) {
      if (other.kind == written->kind) inner.problem(items[i], fmt::format("'{}' is named twice", written->kind));
    }
    auto metric = context.registry.metrics.read(*written, inner);
    if (metric != nullptr)
      out.push_back({written->kind, std::move(metric), to_line(written->parameters), written->where, inner.path});
  }
  return out;
}

// Its records lie in a group of that name, and in files that begin with it.
void check_evaluation_name(const YamlNode& node, const std::string& name, const std::vector<EvaluationSpec>& others,
                           const ReadContext& context) {
  const YamlNode* written = node.find("name");
  if (written == nullptr) return;
  const ReadContext inner = context.child("name");
  if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos) {
    inner.problem(*written, fmt::format("'{}' cannot be the name of an evaluation", name),
                  "choose a name without '/' that does not begin with '.'");
  }
  if (std::ranges::find(others, name, &EvaluationSpec::name) != others.end()) {
    inner.problem(*written, fmt::format("another evaluation is called '{}'", name), "choose another name");
  }
}

EvaluationSpec read_evaluation(const YamlNode& node, ReadContext context) {
  const auto section = read_section<EvaluateSection>(node, context);
  EvaluationSpec out;
  out.name = section.name.empty() ? "evaluation" : section.name;
  out.where = node.where;
  out.path = context.path;
  out.real = section.real;
  out.fake = section.fake;
  if (!section.labels.is_null()) {
    const auto labels = read_section<LabelsSection>(section.labels, context.child("labels"));
    out.real_labels = labels.real;
    out.fake_labels = labels.fake;
  }
  out.count = section.count;
  out.every = section.every;
  out.mode = section.mode == "train" ? Mode::train : Mode::inference;
  out.standing_statistics = section.standing_statistics;
  if (const auto range = read_range(section.range, node, context)) out.range = *range;
  out.features = read_features(section.features, context.child("features"));
  out.metrics = read_metrics(section.metrics, context.child("metrics"));
  out.seed = static_cast<uint64_t>(section.seed);
  return out;
}

}  // namespace

std::vector<EvaluationSpec> read_evaluations(const YamlNode& node, const ReadContext& context) {
  std::vector<EvaluationSpec> out;
  if (node.is_null()) return out;
  const std::vector<YamlNode> lone{node};
  const std::vector<YamlNode>& items = node.is_sequence() ? node.items : lone;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ReadContext inner = node.is_sequence() ? context.child(i) : context;
    if (!items[i].is_map()) {
      inner.problem(items[i], "expected what to evaluate, found " + describe(items[i]),
                    "write {real: data.test.image, fake: fake, metrics: [fid]}");
      continue;
    }
    EvaluationSpec evaluation = read_evaluation(items[i], inner);
    check_evaluation_name(items[i], evaluation.name, out, inner);
    evaluation.name = unique_name(evaluation.name, out);
    out.push_back(std::move(evaluation));
  }
  return out;
}

}  // namespace duel
