#include <nlohmann/json.hpp>

#include "spec/read.hpp"
#include "spec/sections.hpp"

namespace duel {

using nlohmann::json;

namespace {

// Beside what it says, a map of a file that extends another may drop what that one has.
json with_delete(json properties = json::object()) {
  properties["_delete_"] = {{"const", true}};
  return properties;
}

json map_of(json item) {
  return {{"type", "object"}, {"properties", with_delete()}, {"additionalProperties", std::move(item)}};
}
json list_of(json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
json reference(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }
json component(const std::string& noun) {
  return {{"anyOf", json::array({reference(noun), reference("interpolation")})}};
}
json one_or_list(const json& item) { return {{"anyOf", json::array({item, list_of(item)})}}; }

// What stands where a section declares a YamlNode: `section_<parameter>`.
json hand_read_sections() {
  const json expression{{"type", json::array({"string", "number"})}};
  const json extents = list_of({{"type", "integer"}, {"minimum", 1}});
  json out = json::object();
  out["section_data"] = section_schema(section_info<DataSection>());
  out["section_split"] = section_schema(section_info<SplitSection>());
  out["section_transform"] = list_of(reference("transform"));
  // In a block's layers a ${parameter} may stand for anything.
  json block = section_schema(section_info<BlockSection>());
  block["properties"]["layers"] = list_of(
      {{"anyOf",
        json::array({{{"type", "string"}}, {{"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}}})}});
  out["section_blocks"] = map_of(block);
  out["section_parameters"] = {{"type", "object"}};
  out["section_networks"] = map_of(section_schema(section_info<NetworkSection>()));
  out["section_inputs"] = map_of({{"anyOf", json::array({extents, {{"type", "integer"}, {"minimum", 1}}})}});
  out["section_layers"] = list_of(reference("layer"));
  out["section_weights"] = section_schema(section_info<WeightsSection>());
  out["section_values"] = map_of(expression);
  out["section_metrics"] = map_of(expression);
  out["section_players"] = map_of(section_schema(section_info<PlayerSection>()));
  out["section_optimizer"] = component("optimizer");
  out["section_loss"] = {
      {"anyOf", json::array({one_or_list(reference("loss")), map_of(one_or_list(reference("loss")))})}};
  // `train` is the section of that name, and the data set within `data`.
  out["section_train"] = section_schema(section_info<TrainSection>());
  out["section_turns"] = {
      {"anyOf", json::array({{{"const", "simultaneous"}}, list_of({{"type", json::array({"string", "object"})}})})}};
  out["section_phases"] = list_of(section_schema(section_info<PhaseSection>()));
  out["section_on_collapse"] = {{"anyOf", json::array({{{"enum", json::array({"off", "warn", "stop", "rollback"})}},
                                                       section_schema(section_info<CollapseSection>())})}};
  out["section_sample"] = one_or_list(section_schema(section_info<SampleSection>()));
  out["section_plot"] = reference("plot");
  out["section_test"] = component("dataset");
  out["section_until"] =
      map_of({{"anyOf", json::array({{{"type", "number"}}, section_schema(section_info<ThresholdSection>())})}});
  out["section_early_stop"] = {
      {"anyOf", json::array({{{"type", "string"}}, section_schema(section_info<EarlyStopSection>())})}};
  json evaluate = section_schema(section_info<EvaluateSection>());
  evaluate["properties"]["metrics"] = one_or_list(reference("metric"));
  out["section_evaluate"] = one_or_list(evaluate);
  out["section_labels"] = section_schema(section_info<LabelsSection>());
  out["section_features"] = {{"anyOf", json::array({{{"enum", json::array({"values", "pixels"})}},
                                                    section_schema(section_info<FeaturesSection>())})}};
  out["section_averages"] = map_of(section_schema(section_info<AverageSection>()));
  out["section_checkpoint"] = section_schema(section_info<CheckpointSection>());
  out["section_engine"] = section_schema(section_info<EngineSection>());
  out["section_data"]["properties"]["train"] = reference("dataset");
  return out;
}

// What is no kind of the registry may be a block of the experiment.
void add_blocks(json& layer, const Registry& registry) {
  const json unknown{{"type", "string"}, {"not", {{"enum", registry.layers.kinds()}}}};
  layer["anyOf"].push_back(unknown);
  layer["anyOf"].push_back(
      {{"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}, {"propertyNames", unknown}});
}

// Where an experiment defines no blocks and no file that it extends could, a network's layers are of known kinds.
json known_kinds_without_blocks(const Registry& registry) {
  const json known{{"enum", registry.layers.kinds()}};
  const json layer{{"anyOf", json::array({known, {{"type", "object"}, {"propertyNames", known}}})}};
  const json network{{"properties", {{"layers", {{"items", layer}}}}}};
  const json may_have_blocks{
      {"anyOf", json::array({{{"required", json::array({"blocks"})}}, {{"required", json::array({"extends"})}}})}};
  return {{"if", may_have_blocks}, {"else", {{"properties", {{"networks", {{"additionalProperties", network}}}}}}}};
}

// ${a.b} can stand wherever a value can: also for a number, a list or a component. Sections are left as they are, so
// that editors say exactly what is wrong within them.
bool may_be_interpolated(const json& value) {
  if (!value.is_object() || value.contains("const")) return false;
  if (value.contains("$ref")) return !value.at("$ref").get<std::string>().starts_with("#/definitions/section_");
  if (value.contains("anyOf") || value.contains("enum")) return true;
  const json type = value.value("type", json());
  return type == "integer" || type == "number" || type == "boolean" || type == "array";
}

void allow_interpolation(json& schema);

void allow_interpolated(json& value) {
  allow_interpolation(value);
  if (!may_be_interpolated(value)) return;
  json described = json::object();
  if (value.contains("description")) described["description"] = value.at("description");
  described["anyOf"] = json::array({value, reference("interpolation")});
  value = std::move(described);
}

void allow_interpolation(json& schema) {
  if (!schema.is_object()) return;
  if (schema.contains("properties")) {
    for (auto& property : schema["properties"]) allow_interpolated(property);
  }
  for (const char* of_all : {"items", "additionalProperties"}) {
    if (schema.contains(of_all)) allow_interpolated(schema[of_all]);
  }
  if (schema.contains("anyOf")) {
    for (auto& one : schema["anyOf"]) allow_interpolation(one);
  }
}

}  // namespace

json section_schema(const ComponentInfo& info) {
  json properties = json::object();
  for (const ParameterInfo& parameter : info.parameters) {
    json property = parameter.schema(parameter);
    if (!property.contains("$ref")) property["description"] = parameter.help;  // draft-07 ignores what stands by $ref
    properties[parameter.name] = std::move(property);
  }
  // Nothing is required: a file that extends another leaves out what that one says.
  return {{"type", "object"}, {"properties", with_delete(std::move(properties))}, {"additionalProperties", false}};
}

json experiment_schema(const Registry& registry) {
  json definitions = hand_read_sections();
  for (const KindTable* table : registry.tables()) definitions[table->noun()] = table->schema();
  add_blocks(definitions["layer"], registry);
  json out = section_schema(section_info<ExperimentSection>());
  out["$schema"] = "http://json-schema.org/draft-07/schema#";
  out["title"] = "duel experiment";
  for (auto& definition : definitions) allow_interpolation(definition);
  definitions["interpolation"] = {{"type", "string"}, {"pattern", R"(\$\{)"}};
  out["definitions"] = definitions;
  // What composition takes away before the sections are read.
  out["properties"]["extends"] = {{"anyOf", json::array({{{"type", "string"}}, list_of({{"type", "string"}})})}};
  out["properties"]["vars"] = {{"type", "object"}};
  out["allOf"] = json::array({known_kinds_without_blocks(registry)});
  return out;
}

}  // namespace duel
