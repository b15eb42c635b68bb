#include "registry/layer_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "graph/op.hpp"
#include "registry/blocks.hpp"
#include "registry/registry.hpp"

namespace duel {
namespace {

using nlohmann::json;

bool is_word(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
}

// The kind, the layer and the place; the layer is null after a problem.
LayerSpec read_one(const YamlNode& node, ReadContext& context) {
  const auto written = written_component(node, context, "layer");
  if (!written) return {};
  const BlockDefinition* block = context.blocks == nullptr ? nullptr : context.blocks->find(written->kind);
  LayerSpec spec{written->kind, {}, {}, written->where, context.path};
  spec.layer = block != nullptr ? read_block(*block, *written, context) : read_kind(*written, context);
  if (spec.layer != nullptr && !is_word(spec.layer->share)) {
    context.problems.add(spec.where, context.path, fmt::format("'{}' cannot be the name of a share", spec.layer->share),
                         "names are letters, digits and _");
    spec.layer = nullptr;
  }
  return spec;
}

std::vector<Tensor> inputs_of(const LayerSpec& spec, const std::map<std::string, Tensor>& named,
                              const Tensor& previous) {
  if (spec.layer->from.empty()) return {previous};
  std::vector<Tensor> inputs;
  for (const std::string& source : spec.layer->from) inputs.push_back(named.at(source));
  return inputs;
}

}  // namespace

// ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────
bool read_layers(std::vector<LayerSpec>& out, const YamlNode& node, ReadContext& context,
                 std::span<const std::string> inputs) {
  if (!node.is_sequence() || node.items.empty()) {
    context.problem(node, fmt::format("expected a list of layers, found {}", describe(node)));
    return false;
  }
  bool good = true;
  std::set<std::string> names(inputs.begin(), inputs.end());
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    ReadContext inner = context.child(i);
    LayerSpec spec = read_one(node.items[i], inner);
    good = spec.layer != nullptr && good;
    if (spec.layer == nullptr) continue;
    // kind_1, kind_2, … unless `as` names it: stable when layers of other kinds are put between.
    const int number = ++counts[spec.kind];
    spec.name = spec.layer->as.empty() ? fmt::format("{}_{}", spec.kind, number) : spec.layer->as;
    for (const std::string& source : spec.layer->from) {
      if (names.contains(source)) continue;
      const std::vector<std::string> known(names.begin(), names.end());
      inner.problems.add(spec.where, inner.path, fmt::format("no layer or input before this is called '{}'", source),
                         suggestion(source, known));
      good = false;
    }
    if (!names.insert(spec.name).second) {
      inner.problems.add(spec.where, inner.path, fmt::format("the name '{}' is taken", spec.name),
                         "names of layers and inputs of a network are unique");
      good = false;
    }
    out.push_back(std::move(spec));
  }
  return good;
}

std::string ParameterType<std::vector<LayerSpec>>::name() { return "list of layers"; }
bool ParameterType<std::vector<LayerSpec>>::read(std::vector<LayerSpec>& out, const YamlNode& node,
                                                 ReadContext& context, const ParameterInfo&) {
  const std::string input = "input";
  return read_layers(out, node, context, {&input, 1});
}
std::string ParameterType<std::vector<LayerSpec>>::print(const std::vector<LayerSpec>&) { return ""; }
json ParameterType<std::vector<LayerSpec>>::schema(const ParameterInfo&) {
  return {{"type", "array"}, {"items", {{"$ref", "#/definitions/layer"}}}};
}

std::string ParameterType<LayerSpec>::name() { return "layer"; }
bool ParameterType<LayerSpec>::read(LayerSpec& out, const YamlNode& node, ReadContext& context, const ParameterInfo&) {
  out = read_one(node, context);
  if (out.layer == nullptr) return false;
  out.name = out.kind;
  const Layer& layer = *out.layer;
  if (layer.as.empty() && layer.from.empty() && layer.share.empty()) return true;
  context.problems.add(out.where, context.path, "a layer within another has no `as`, `from` or `share`",
                       "give them to the layer around it");
  return false;
}
std::string ParameterType<LayerSpec>::print(const LayerSpec&) { return ""; }
json ParameterType<LayerSpec>::schema(const ParameterInfo&) { return {{"$ref", "#/definitions/layer"}}; }

// ── emission ───────────────────────────────────────────────────────────────────────────────────────────────────────
Tensor build_layer(LayerContext& context, const LayerSpec& layer, std::span<const Tensor> inputs) {
  const auto refuse = [&](const std::string& what, const std::string& remedy) {
    throw UserError(ExitCode::experiment, Problem{layer.where, layer.path, what, remedy, {}});
  };
  const std::vector<std::string> names = layer.layer->input_names();
  if (names.size() == 1 && inputs.size() > 1) {
    refuse(fmt::format("{} takes one input, {} are given", layer.kind, inputs.size()),
           "join them first with concat, add or multiply");
  }
  if (names.size() > 1 && inputs.size() != names.size()) {
    refuse(
        fmt::format("{} takes {} inputs ({}), not {}", layer.kind, names.size(), fmt::join(names, ", "), inputs.size()),
        fmt::format("name all of them: from: [{}]", fmt::join(names, ", ")));
  }
  try {
    context.begin(layer);
    const Tensor output = layer.layer->build(context, inputs);
    context.end(output);
    return output;
  } catch (const ShapeError& error) {
    refuse(error.what(), {});
  }
  return {};
}

LayersResult build_layers(LayerContext& context, std::span<const LayerSpec> layers,
                          std::span<const std::pair<std::string, Tensor>> inputs) {
  LayersResult result{inputs[0].second, {inputs.begin(), inputs.end()}};
  for (const LayerSpec& layer : layers) {
    PartContext part(context, layer.name, layer.layer->share);
    result.value = build_layer(part, layer, inputs_of(layer, result.named, result.value));
    result.named[layer.name] = result.value;
  }
  return result;
}

Tensor build_layers(LayerContext& context, std::span<const LayerSpec> layers, const Tensor& input) {
  const std::pair<std::string, Tensor> named{"input", input};
  return build_layers(context, layers, {&named, 1}).value;
}

PartContext::PartContext(LayerContext& whole, std::string name, const std::string& share)
    : LayerContextView(whole), name_(std::move(name)), variables_(share.empty() ? name_ : "/shared/" + share) {}

std::string PartContext::variable(const std::string& name) const {
  return name.starts_with('/') ? name : fmt::format("{}/{}", variables_, name);
}

Tensor PartContext::weight(const NewWeight& weight) {
  NewWeight named = weight;
  named.name = variable(weight.name);
  if (!weight.stream.empty()) named.stream = variable(weight.stream);
  return inner_.weight(named);
}

Tensor PartContext::state(const std::string& name, const Shape& shape, double initial) {
  return inner_.state(variable(name), shape, initial);
}

void PartContext::update_state(const std::string& name, const Tensor& value) {
  inner_.update_state(variable(name), value);
}

RandomSource PartContext::random(const std::string& name) { return inner_.random(fmt::format("{}/{}", name_, name)); }

}  // namespace duel
