#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

Preset preset_of(const std::string& name, Preset otherwise) {
  if (name.empty()) return otherwise;
  return name == "torch" ? Preset::torch : Preset::keras;
}

void read_inputs(const YamlNode& node, ReadContext context, NetworkSpec& network) {
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    Shape shape;
    if (!check_name(entry, inner)) continue;
    if (entry.value.is_null()) {
      inner.problem(entry.value, "a shape is missing", "write it without the batch: [100], or [] for a scalar");
    } else if (ParameterType<Shape>::read(shape, entry.value, inner, ParameterInfo{})) {
      network.inputs.emplace_back(entry.key, shape);
    }
  }
  if (network.inputs.empty()) network.complete = false;
}

// kind_1, kind_2, … unless `as` names it: stable when layers of other kinds are put between.
std::string layer_name(const LayerSpec& layer, std::map<std::string, int>& counts) {
  const int number = ++counts[layer.kind];
  return layer.layer->as.empty() ? fmt::format("{}_{}", layer.kind, number) : layer.layer->as;
}

void read_layers(const YamlNode& node, ReadContext context, NetworkSpec& network) {
  if (!node.is_sequence() || node.items.empty()) {
    context.problem(node, fmt::format("expected a list of layers, found {}", describe(node)));
    network.complete = false;
    return;
  }
  std::set<std::string> names;
  for (const auto& [input, shape] : network.inputs) names.insert(input);
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    ReadContext inner = context.child(i);
    const auto written = written_component(node.items[i], inner, "layer");
    LayerSpec layer;
    if (written) layer = {written->kind, {}, context.registry.layers.read(*written, inner), written->where, inner.path};
    if (layer.layer == nullptr) {
      network.complete = false;
      continue;
    }
    layer.name = layer_name(layer, counts);
    for (const std::string& source : layer.layer->from) {
      if (names.contains(source)) continue;
      const std::vector<std::string> known(names.begin(), names.end());
      inner.problems.add(layer.where, inner.path, fmt::format("no layer or input before this is called '{}'", source),
                         suggestion(source, known));
      network.complete = false;
    }
    if (!names.insert(layer.name).second) {
      inner.problems.add(layer.where, inner.path, fmt::format("the name '{}' is taken", layer.name),
                         "names of layers and inputs of a network are unique");
      network.complete = false;
    }
    network.layers.push_back(std::move(layer));
  }
}

}  // namespace

std::vector<NetworkSpec> read_networks(const YamlNode& node, ReadContext context) {
  std::vector<NetworkSpec> networks;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (!check_name(entry, inner)) continue;
    const std::size_t before = context.problems.size();
    NetworkSpec network;
    network.name = entry.key;
    network.where = entry.where;
    if (!entry.value.is_map()) {
      inner.problem(entry.value, "expected a network, found " + describe(entry.value), "give it `inputs` and `layers`");
      network.complete = false;
      networks.push_back(std::move(network));
      continue;
    }
    const auto section = read_section<NetworkSection>(entry.value, inner);
    inner.preset = preset_of(section.preset, context.preset);
    if (!section.inputs.is_null()) read_inputs(section.inputs, inner.child("inputs"), network);
    if (!section.layers.is_null()) read_layers(section.layers, inner.child("layers"), network);
    network.outputs = section.outputs;
    for (const std::string& output : network.outputs) {
      const auto named = [&](const LayerSpec& layer) { return layer.name == output; };
      if (network.complete && std::none_of(network.layers.begin(), network.layers.end(), named)) {
        inner.child("outputs").problem(entry.value, fmt::format("no layer is called '{}'", output),
                                       "give the layer a name with `as`");
      }
    }
    if (context.problems.size() != before) network.complete = false;
    networks.push_back(std::move(network));
  }
  return networks;
}

}  // namespace duel
