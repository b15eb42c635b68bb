#include <algorithm>

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

// A slip in what only one kind of file has would otherwise change nothing, and be noticed by nobody.
void check_weights(const WeightsSpec& weights, const YamlNode& node, const ReadContext& context) {
  if (weights.step && weights.kind != WeightsSpec::Kind::run) {
    context.child("step").problem(*node.find("step"), "only a run folder has several steps to choose from");
  }
  if (weights.average && weights.kind == WeightsSpec::Kind::safetensors) {
    context.child("average").problem(*node.find("average"), "only runs and their checkpoints have averages");
  }
}

void read_weights(const YamlNode& node, const ReadContext& context, NetworkSpec& network) {
  const auto section = read_section<WeightsSection>(node, context);
  const std::string extension = section.from.extension().string();
  WeightsSpec weights;
  weights.kind = extension == ".safetensors" ? WeightsSpec::Kind::safetensors
                 : extension == ".h5"        ? WeightsSpec::Kind::checkpoint
                                             : WeightsSpec::Kind::run;
  weights.from = section.from;
  weights.network = section.network;
  if (weights.network.empty() && weights.kind != WeightsSpec::Kind::safetensors) weights.network = network.name;
  weights.step = section.step;
  weights.average = section.average;
  weights.origin = section.origin;
  weights.where = node.where;
  weights.path = context.path;
  check_weights(weights, node, context);
  network.weights = std::make_shared<const WeightsSpec>(std::move(weights));
}

void read_network_layers(const YamlNode& node, ReadContext context, NetworkSpec& network) {
  std::vector<std::string> inputs;
  for (const auto& [input, shape] : network.inputs) inputs.push_back(input);
  if (!read_layers(network.layers, node, context, inputs)) network.complete = false;
}

}  // namespace

std::vector<NetworkSpec> read_networks(const YamlNode& node, ReadContext context) {
  std::vector<NetworkSpec> networks;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (!check_name(entry, inner)) continue;
    if (entry.key == "shared") {
      inner.problems.add(entry.where, inner.path, "'shared' is where the weights of `share` are kept",
                         "choose another name");
      continue;
    }
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
    if (!section.layers.is_null()) read_network_layers(section.layers, inner.child("layers"), network);
    if (!section.weights.is_null()) read_weights(section.weights, inner.child("weights"), network);
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
