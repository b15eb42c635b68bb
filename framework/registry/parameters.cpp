#include "registry/parameters.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace duel {
namespace {

const std::string& default_for(const ParameterInfo& info, Preset preset) {
  return preset == Preset::keras ? info.keras_default : info.torch_default;
}

bool set_default(void* component, const ParameterInfo& info, const YamlNode& owner, ReadContext& context) {
  const std::string& yaml = default_for(info, context.preset);
  if (yaml.empty()) return true;  // the member's initial value stands
  YamlNode node = parse_yaml(yaml, "default of " + info.name);
  node.where = owner.where;
  return info.read(component, node, context, info);
}

// `kind: scalar` and `kind: [list]` as the map that they abbreviate.
std::optional<YamlNode> as_map(const ComponentInfo& info, const YamlNode& node, ReadContext& context) {
  if (node.is_map()) return node;
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.where = node.where;
  if (node.is_null()) return map;
  const ParameterInfo* main = info.main();
  if (main == nullptr) {
    context.problem(node, fmt::format("{} has no main parameter that {} could set", info.kind, describe(node)),
                    fmt::format("write {}: {{name: value}}; see 'duel help {}'", info.kind, info.kind));
    return std::nullopt;
  }
  map.entries.push_back({main->name, node.where, node});
  return map;
}

}  // namespace

ParameterInfo& ComponentInfo::add(std::string_view name, std::string_view help_text) {
  ParameterInfo& info = parameters.emplace_back();
  info.name = name;
  info.help = help_text;
  return info;
}

const ParameterInfo* ComponentInfo::find(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const ParameterInfo& parameter) { return parameter.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

const ParameterInfo* ComponentInfo::main() const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [](const ParameterInfo& parameter) { return parameter.main; });
  return found == parameters.end() ? nullptr : &*found;
}

std::vector<std::string> ComponentInfo::parameter_names() const {
  std::vector<std::string> names;
  for (const ParameterInfo& parameter : parameters) names.push_back(parameter.name);
  return names;
}

ParameterBuilder& ParameterBuilder::required() {
  info_.required = true;
  return *this;
}
ParameterBuilder& ParameterBuilder::main() {
  info_.main = true;
  return *this;
}
ParameterBuilder& ParameterBuilder::variadic() {
  info_.variadic = true;
  return *this;
}
ParameterBuilder& ParameterBuilder::min(double minimum) {
  info_.minimum = minimum;
  return *this;
}
ParameterBuilder& ParameterBuilder::above(double minimum) {
  info_.minimum = minimum;
  info_.exclusive_minimum = true;
  return *this;
}
ParameterBuilder& ParameterBuilder::max(double maximum) {
  info_.maximum = maximum;
  return *this;
}
ParameterBuilder& ParameterBuilder::one_of(std::initializer_list<std::string_view> choices) {
  return one_of(std::span(choices.begin(), choices.size()));
}
ParameterBuilder& ParameterBuilder::one_of(std::span<const std::string_view> choices) {
  info_.choices.assign(choices.begin(), choices.end());
  return *this;
}
ParameterBuilder& ParameterBuilder::default_value(std::string_view yaml) { return preset(yaml, yaml); }
ParameterBuilder& ParameterBuilder::preset(std::string_view keras, std::string_view torch) {
  info_.default_text = keras == torch ? std::string(keras) : fmt::format("{} (keras), {} (torch)", keras, torch);
  info_.keras_default = keras;
  info_.torch_default = torch;
  return *this;
}

bool read_parameters(void* component, const ComponentInfo& info, const YamlNode& node, ReadContext& context) {
  const auto map = as_map(info, node, context);
  if (!map) return false;
  bool good = true;
  for (const YamlNode::Entry& entry : map->entries) {
    if (info.find(entry.key) != nullptr) continue;
    context.problems.add(entry.where, context.path, fmt::format("unknown key '{}'", entry.key),
                         suggestion(entry.key, info.parameter_names()));
    good = false;
  }
  const ReadContext parameters_context = info.kind.empty() ? context : context.child(info.kind);
  for (const ParameterInfo& parameter : info.parameters) {
    ReadContext inner = parameters_context.child(parameter.name);
    const YamlNode* given = map->find(parameter.name);
    if (given != nullptr) {
      good = parameter.read(component, *given, inner, parameter) && good;
    } else if (parameter.required) {
      context.problem(*map, fmt::format("{}'{}' is missing ({})", info.kind.empty() ? "" : info.kind + ": ",
                                        parameter.name, parameter.help));
      good = false;
    } else {
      good = set_default(component, parameter, *map, inner) && good;
    }
  }
  return good;
}

ReadContext ReadContext::child(const std::string& key) const {
  ReadContext out = *this;
  out.path = path.empty() ? key : path + "." + key;
  return out;
}

ReadContext ReadContext::child(std::size_t index) const {
  ReadContext out = *this;
  out.path = fmt::format("{}[{}]", path, index);
  return out;
}

void ReadContext::problem(const YamlNode& node, const std::string& what, const std::string& remedy) const {
  problems.add(node.where, path, what, remedy);
}

}  // namespace duel
