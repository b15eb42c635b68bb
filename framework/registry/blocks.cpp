#include "registry/blocks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "graph/op.hpp"
#include "registry/layer_list.hpp"
#include "yaml/interpolate.hpp"

namespace duel {
namespace {

struct Block final : Layer {
  std::string kind;
  std::vector<std::string> inputs;
  std::vector<LayerSpec> layers;

  std::vector<std::string> input_names() const override { return inputs; }

  Tensor build(LayerContext& context, std::span<const Tensor> given) const override {
    std::vector<std::pair<std::string, Tensor>> named;
    for (std::size_t i = 0; i < inputs.size(); ++i) named.emplace_back(inputs[i], given[i]);
    return build_layers(context, layers, named).value;
  }
};

// What every layer has: as, from, share.
const ComponentInfo& common_info() {
  static const ComponentInfo info = [] {
    ComponentInfo made;
    Declaration<Block> declaration(made);
    Layer::declare_common(declaration);
    return made;
  }();
  return info;
}

YamlNode map_at(const Position& where) {
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.where = where;
  return map;
}

// What a use of a block says, apart: what every layer has, and the block's parameters with their defaults.
struct Use {
  YamlNode common;
  YamlNode parameters;
};

bool sort_entry(const YamlNode::Entry& entry, const BlockDefinition& block, Use& use, const ReadContext& context) {
  const auto named = [&](const YamlNode::Entry& parameter) { return parameter.key == entry.key; };
  if (std::ranges::any_of(block.parameters, named)) {
    use.parameters.entries.push_back(entry);
    return true;
  }
  if (common_info().find(entry.key) != nullptr) {
    use.common.entries.push_back(entry);
    return true;
  }
  std::vector<std::string> known = common_info().parameter_names();
  for (const YamlNode::Entry& parameter : block.parameters) known.push_back(parameter.key);
  context.problems.add(entry.where, context.path, fmt::format("unknown key '{}'", entry.key),
                       suggestion(entry.key, known));
  return false;
}

std::optional<Use> read_use(const BlockDefinition& block, const WrittenComponent& written, const ReadContext& context) {
  const YamlNode& node = written.parameters;
  Use use{map_at(written.where), map_at(written.where)};
  bool good = true;
  if (node.is_map()) {
    for (const YamlNode::Entry& entry : node.entries) good = sort_entry(entry, block, use, context) && good;
  } else if (!node.is_null() && !block.parameters.empty()) {
    use.parameters.entries.push_back({block.parameters[0].key, node.where, node});
  } else if (!node.is_null()) {
    context.problem(node, fmt::format("{} has no parameter that {} could set", block.name, describe(node)));
    return std::nullopt;
  }
  for (const YamlNode::Entry& parameter : block.parameters) {
    if (use.parameters.find(parameter.key) != nullptr) continue;
    if (parameter.value.is_null()) {
      context.problems.add(written.where, context.path, fmt::format("{}: '{}' is missing", block.name, parameter.key));
      good = false;
    }
    use.parameters.entries.push_back(parameter);
  }
  if (!good) return std::nullopt;
  return use;
}

// The block's layers with the parameters put in.
std::optional<YamlNode> with_parameters(const BlockDefinition& block, const YamlNode& parameters,
                                        const ReadContext& context) {
  YamlNode document = map_at(block.layers.where);
  document.entries.push_back({"vars", block.layers.where, parameters});
  document.entries.push_back({"layers", block.layers.where, block.layers});
  Problems problems;
  interpolate(document, problems);
  for (const Problem& problem : problems.all()) {
    context.problems.add(problem.where, fmt::format("{}.{}", context.path, problem.path), problem.what, problem.remedy);
  }
  if (!problems.empty()) return std::nullopt;
  return *document.find("layers");
}

}  // namespace

const BlockDefinition* Blocks::find(std::string_view name) const {
  const auto found = definitions_.find(name);
  return found == definitions_.end() ? nullptr : &found->second;
}

std::vector<std::string> Blocks::names() const {
  std::vector<std::string> out;
  for (const auto& [name, definition] : definitions_) out.push_back(name);
  return out;
}

void Blocks::add(BlockDefinition definition) {
  const std::string name = definition.name;
  definitions_.insert_or_assign(name, std::move(definition));
}

bool Blocks::count(std::size_t layers) {
  layers_ += static_cast<int64_t>(layers);
  return layers_ <= most_layers;
}

std::shared_ptr<const Layer> read_block(const BlockDefinition& block, const WrittenComponent& written,
                                        ReadContext& context) {
  if (std::ranges::find(context.open_blocks, block.name) != context.open_blocks.end()) {
    context.problems.add(
        written.where, context.path,
        fmt::format("a block within itself: {} → {}", fmt::join(context.open_blocks, " → "), block.name),
        "break the circle");
    return nullptr;
  }
  const auto use = read_use(block, written, context);
  if (!use) return nullptr;
  if (!context.blocks->count(block.layers.items.size())) {
    // Told once: each use after that would say the same.
    throw UserError(ExitCode::experiment,
                    Problem{written.where,
                            context.path,
                            fmt::format("the blocks make more than {} layers", Blocks::most_layers),
                            "use fewer",
                            {}});
  }
  ReadContext inside = context.child(block.name);
  const auto layers = with_parameters(block, use->parameters, inside);
  if (!layers) return nullptr;
  inside.open_blocks.push_back(block.name);
  auto made = std::make_shared<Block>();
  made->kind = block.name;
  made->inputs = block.inputs;
  const bool common = read_parameters(static_cast<Block*>(made.get()), common_info(), use->common, context);
  ReadContext list = inside.child("layers");
  return read_layers(made->layers, *layers, list, block.inputs) && common ? made : nullptr;
}

std::shared_ptr<const Layer> read_kind(const WrittenComponent& written, ReadContext& context) {
  if (context.blocks != nullptr && context.registry.layers.find(written.kind) == nullptr) {
    if (const std::string near = suggestion(written.kind, context.blocks->names()); !near.empty()) {
      context.problems.add(written.where, context.path, fmt::format("unknown layer '{}'", written.kind), near);
      return nullptr;
    }
  }
  return context.registry.layers.read(written, context);
}

}  // namespace duel
