#include <nlohmann/json.hpp>

#include "spec/read.hpp"
#include "spec/sections.hpp"

namespace duel {

using nlohmann::json;

namespace {

json map_of(json item) { return {{"type", "object"}, {"additionalProperties", std::move(item)}}; }
json list_of(json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
json reference(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }
json one_or_list(const json& item) { return {{"anyOf", json::array({item, list_of(item)})}}; }

// What stands where a section declares a YamlNode: `section_<parameter>`.
json hand_read_sections() {
  const json expression{{"type", json::array({"string", "number"})}};
  const json extents = list_of({{"type", "integer"}, {"minimum", 1}});
  json out = json::object();
  out["section_data"] = section_schema(section_info<DataSection>());
  out["section_split"] = section_schema(section_info<SplitSection>());
  out["section_transform"] = list_of(reference("transform"));
  out["section_networks"] = map_of(section_schema(section_info<NetworkSection>()));
  out["section_inputs"] = map_of({{"anyOf", json::array({extents, {{"type", "integer"}, {"minimum", 1}}})}});
  out["section_layers"] = list_of(reference("layer"));
  out["section_values"] = map_of(expression);
  out["section_metrics"] = map_of(expression);
  out["section_players"] = map_of(section_schema(section_info<PlayerSection>()));
  out["section_optimizer"] = reference("optimizer");
  out["section_loss"] = {
      {"anyOf", json::array({one_or_list(reference("loss")), map_of(one_or_list(reference("loss")))})}};
  // `train` is the section of that name, and the data set within `data`.
  out["section_train"] = section_schema(section_info<TrainSection>());
  out["section_turns"] = {
      {"anyOf", json::array({{{"const", "simultaneous"}}, list_of({{"type", json::array({"string", "object"})}})})}};
  out["section_sample"] = one_or_list(section_schema(section_info<SampleSection>()));
  out["section_plot"] = reference("plot");
  out["section_averages"] = map_of(section_schema(section_info<AverageSection>()));
  out["section_checkpoint"] = section_schema(section_info<CheckpointSection>());
  out["section_engine"] = section_schema(section_info<EngineSection>());
  out["section_data"]["properties"]["train"] = reference("dataset");
  return out;
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
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

json experiment_schema(const Registry& registry) {
  json definitions = hand_read_sections();
  for (const KindTable* table : registry.tables()) definitions[table->noun()] = table->schema();
  json out = section_schema(section_info<ExperimentSection>());
  out["$schema"] = "http://json-schema.org/draft-07/schema#";
  out["title"] = "duel experiment";
  out["definitions"] = definitions;
  // What composition takes away before the sections are read.
  out["properties"]["extends"] = {{"anyOf", json::array({{{"type", "string"}}, list_of({{"type", "string"}})})}};
  out["properties"]["vars"] = {{"type", "object"}};
  return out;
}

}  // namespace duel
