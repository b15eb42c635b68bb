#include "registry/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace duel {

using nlohmann::json;

std::optional<WrittenComponent> written_component(const YamlNode& node, ReadContext& context, const std::string& noun) {
  if (node.is_scalar() && !node.text.empty()) return WrittenComponent{node.text, node.where, {}};
  if (node.is_map() && node.entries.size() == 1) {
    const YamlNode::Entry& entry = node.entries.front();
    return WrittenComponent{entry.key, entry.where, entry.value};
  }
  const std::string article = noun.find_first_of("aeiou") == 0 ? "an" : "a";
  const bool several = node.is_map() && node.entries.size() > 1;
  const std::string found =
      several ? fmt::format("a map of several ({})", fmt::join(node.keys(), ", ")) : describe(node);
  context.problem(node, fmt::format("expected {} {}, found {}", article, noun, found),
                  several
                      ? (node.where.line == 0 ? "keep one: it replaces what was there before"
                                              : "keep one; `_delete_: true` beside it drops what an extended file has")
                      : "write `kind`, `kind: value` or `kind: {name: value}`");
  return std::nullopt;
}

const ComponentInfo* KindTable::find(std::string_view kind) const {
  const auto found = entries_.find(kind);
  return found == entries_.end() ? nullptr : &found->second.info;
}

std::vector<std::string> KindTable::kinds() const {
  std::vector<std::string> out;
  for (const auto& [kind, entry] : entries_) out.push_back(kind);
  return out;
}

KindTable::Entry& KindTable::insert(std::string kind) {
  DUEL_CHECK(!entries_.contains(kind), "the {} '{}' is registered twice", noun_, kind);
  Entry& entry = entries_[kind];
  entry.info.kind = std::move(kind);
  return entry;
}

std::shared_ptr<void> KindTable::read_erased(const YamlNode& node, ReadContext& context) const {
  const auto written = written_component(node, context, noun_);
  return written ? read_erased(*written, context) : nullptr;
}

std::shared_ptr<void> KindTable::read_erased(const WrittenComponent& written, ReadContext& context) const {
  const auto found = entries_.find(written.kind);
  if (found == entries_.end()) {
    const auto known = kinds();
    const std::string near = suggestion(written.kind, known);
    context.problems.add(written.where, context.path, fmt::format("unknown {} '{}'", noun_, written.kind),
                         near.empty() ? fmt::format("see 'duel help {}'", noun_) : near);
    return nullptr;
  }
  const Entry& entry = found->second;
  const Made made = entry.make();
  YamlNode parameters = written.parameters;
  if (parameters.is_null()) parameters.where = written.where;
  if (!read_parameters(made.component, entry.info, parameters, context)) return nullptr;
  if (const std::string wrong = entry.conflict ? entry.conflict(made.component) : ""; !wrong.empty()) {
    context.child(written.kind).problem(parameters, wrong);
    return nullptr;
  }
  return made.interface;
}

json KindTable::schema() const {
  json bare = json::array();
  json kinds_schema = json::array();
  for (const auto& [kind, entry] : entries_) {
    json properties = json::object();
    json required = json::array();
    json forms = json::array();
    for (const ParameterInfo& parameter : entry.info.parameters) {
      json property = parameter.schema(parameter);
      property["description"] = parameter.help;
      if (!parameter.default_text.empty())
        property["description"] = fmt::format("{} (default {})", parameter.help, parameter.default_text);
      if (parameter.required) required.push_back(parameter.name);
      if (parameter.main) forms.push_back(parameter.schema(parameter));
      properties[parameter.name] = std::move(property);
    }
    json object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) object["required"] = required;
    if (required.empty()) {
      bare.push_back(kind);
      forms.push_back({{"type", "null"}});
    }
    forms.insert(forms.begin(), object);
    kinds_schema.push_back({{"type", "object"},
                            {"description", entry.info.help},
                            {"properties",
                             {{kind, {{"anyOf", forms}, {"description", entry.info.help}}},
                              {"_delete_", {{"const", true}}}}},  // drops what an extended file has
                            {"required", json::array({kind})},
                            {"additionalProperties", false}});
  }
  if (!bare.empty()) kinds_schema.insert(kinds_schema.begin(), json{{"enum", bare}});
  return {{"anyOf", kinds_schema}};
}

std::vector<const KindTable*> Registry::tables() const {
  return {&layers, &losses,   &optimizers, &schedules, &initializers,
          &values, &datasets, &transforms, &samplers,  &metrics};
}

}  // namespace duel
