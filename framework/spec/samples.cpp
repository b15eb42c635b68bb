#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

SampleStyle style_of(const SampleSection& section, const YamlNode& node, ReadContext& context) {
  SampleStyle style;
  style.minmax = section.normalize == "minmax";
  style.columns = section.columns;
  const auto range = read_range(section.range, node, context);
  style.range_given = range.has_value();
  if (range) style.range = *range;
  return style;
}

}  // namespace

std::optional<std::array<double, 2>> read_range(const std::vector<double>& written, const YamlNode& section,
                                                ReadContext& context) {
  if (written.empty()) return std::nullopt;
  if (written.size() == 2 && written[0] < written[1]) return std::array{written[0], written[1]};
  context.child("range").problem(*section.find("range"), "a range is [low, high], low < high");
  return std::nullopt;
}

std::vector<SampleSpec> read_samples(const YamlNode& node, ReadContext context) {
  std::vector<SampleSpec> samples;
  if (node.is_null()) return samples;
  const std::vector<YamlNode> lone{node};
  const std::vector<YamlNode>& items = node.is_sequence() ? node.items : lone;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ReadContext inner = context.child(i);
    if (!items[i].is_map()) {
      inner.problem(items[i], "expected what to sample, found " + describe(items[i]), "write {value: fake, count: 16}");
      continue;
    }
    const auto section = read_section<SampleSection>(items[i], inner);
    if (!section.value) continue;
    SampleSpec sample;
    sample.value = *section.value;
    sample.reference = section.reference;
    sample.count = section.count;
    sample.reference_count = section.reference_count;
    sample.every = section.every;
    sample.fixed_latent = section.latent == "fixed";
    sample.mode = section.mode == "train" ? Mode::train : Mode::inference;
    sample.standing_statistics = section.standing_statistics;
    sample.style = style_of(section, items[i], inner);
    sample.where = items[i].where;
    sample.path = inner.path;
    const std::string dotted = sample.value.dotted();
    sample.name = unique_name(!section.name.empty() ? section.name : dotted.empty() ? "sample" : dotted, samples);
    ReadContext plot = inner.child("plot");
    const YamlNode kind = section.plot.is_null() ? YamlNode::scalar("grid", items[i].where) : section.plot;
    sample.plot = context.registry.samplers.read(kind, plot);
    if (sample.plot != nullptr) samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace duel
