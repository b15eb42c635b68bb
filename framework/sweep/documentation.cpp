#include "sweep/documentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "registry/registry.hpp"
#include "spec/read.hpp"
#include "sweep/definition.hpp"
#include "sweep/sections.hpp"

namespace duel {
namespace {

using nlohmann::json;

struct DocumentedSection {
  std::string_view name;
  std::string_view shape;
  const ComponentInfo& (*info)();
};

constexpr std::array documented_sections{
    DocumentedSection{"sweep", "a file of its own (docs/sweeping.md): a map of", section_info<SweepSection>},
    DocumentedSection{"sweep.metric", "a name, or a map of", section_info<SweepMetricSection>},
    DocumentedSection{"sweep.early_terminate", "a rule, or a map of", section_info<EarlyTerminateSection>},
    DocumentedSection{"sweep.tpe", "a map of", section_info<TpeSection>},
    DocumentedSection{"sweep.slurm", "a map of", section_info<SlurmSettings>},
};

constexpr std::string_view parameters_name = "sweep.parameters";
constexpr std::string_view parameters_help =
    "sweep.parameters (section)\n"
    "  what is varied\n\n"
    "dotted path into the experiment → one of\n"
    "  {value: 3}\n"
    "  {values: [32, 64]}, with `probabilities` and `when` (parameters of one of the values)\n"
    "  {min: 1, max: 8}: whole numbers if both are, else uniform\n"
    "  {distribution: NAME, …}: uniform, int_uniform, log_uniform_values (min, max), normal, log_normal (mu, sigma),\n"
    "    and q_uniform, q_log_uniform_values, q_normal, q_log_normal, multiples of `q`\n"
    "  {parameters: …}: names below this one\n";

json text_or(json other) { return {{"anyOf", json::array({{{"type", "string"}}, std::move(other)})}}; }

}  // namespace

std::optional<std::string> sweep_help(std::string_view name) {
  if (name == parameters_name) return std::string(parameters_help);
  const auto found = std::ranges::find(documented_sections, name, &DocumentedSection::name);
  if (found == documented_sections.end()) return std::nullopt;
  std::string text = fmt::format("{} (section)\n\n{}\n", found->name, found->shape) + parameters_text(found->info());
  if (name != "sweep") return text;
  text += "\nits parts:";
  for (const std::string& part : sweep_help_names()) {
    if (part != "sweep") text += " duel help " + part + ",";
  }
  text.back() = '\n';
  return text;
}

std::vector<std::string> sweep_help_names() {
  std::vector<std::string> names;
  for (const DocumentedSection& section : documented_sections) names.emplace_back(section.name);
  names.emplace_back(parameters_name);
  return names;
}

json sweep_schema() {
  json out = section_schema(section_info<SweepSection>());
  json& properties = out["properties"];
  properties["metric"] = text_or(section_schema(section_info<SweepMetricSection>()));
  properties["early_terminate"] = text_or(section_schema(section_info<EarlyTerminateSection>()));
  properties["tpe"] = section_schema(section_info<TpeSection>());
  properties["slurm"] = section_schema(section_info<SlurmSettings>());
  json parameter{{"type", "object"}, {"additionalProperties", false}};
  for (const char* key : {"value", "values", "probabilities", "min", "max", "distribution", "mu", "sigma", "q"}) {
    parameter["properties"][key] = json::object();
  }
  parameter["properties"]["_delete_"] = {{"const", true}};
  parameter["properties"]["when"] = {{"type", "object"},
                                     {"additionalProperties", {{"$ref", "#/definitions/parameters"}}}};
  parameter["properties"]["parameters"] = {{"$ref", "#/definitions/parameters"}};
  out["definitions"] = {
      {"parameters",
       {{"type", "object"}, {"additionalProperties", {{"anyOf", json::array({parameter, {{"const", true}}})}}}}}};
  properties["parameters"] = {{"$ref", "#/definitions/parameters"}};
  properties["extends"] = {
      {"anyOf", json::array({{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}})}};
  properties["vars"] = {{"type", "object"}};
  out["$schema"] = "http://json-schema.org/draft-07/schema#";
  out["title"] = "duel sweep";
  return out;
}

}  // namespace duel
