#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "spec/read.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

// A section that is a map of declared keys, or holds several such maps.
struct DocumentedSection {
  std::string_view name;   // as in the experiment
  std::string_view shape;  // how the keys stand below it
  const ComponentInfo& (*info)();
};

// Sections first, in the order of an experiment; then those within them.
constexpr std::array documented_sections{
    DocumentedSection{"data", "a map of", section_info<DataSection>},
    DocumentedSection{"blocks", "name → a map of", section_info<BlockSection>},
    DocumentedSection{"networks", "name → a map of", section_info<NetworkSection>},
    DocumentedSection{"players", "name → a map of", section_info<PlayerSection>},
    DocumentedSection{"train", "a map of", section_info<TrainSection>},
    DocumentedSection{"sample", "a map, or a list of maps, of", section_info<SampleSection>},
    DocumentedSection{"evaluate", "a map, or a list of maps, of", section_info<EvaluateSection>},
    DocumentedSection{"averages", "network → a map of", section_info<AverageSection>},
    DocumentedSection{"checkpoint", "a map of", section_info<CheckpointSection>},
    DocumentedSection{"engine", "a map of", section_info<EngineSection>},
    DocumentedSection{"data.split", "a map of", section_info<SplitSection>},
    DocumentedSection{"networks.weights", "in a network: a map of", section_info<WeightsSection>},
    DocumentedSection{"train.phases", "a list of maps of", section_info<PhaseSection>},
    DocumentedSection{"train.on_collapse", "off, warn, stop, rollback, or a map of", section_info<CollapseSection>},
    DocumentedSection{"train.until", "metric → a number, or a map of", section_info<ThresholdSection>},
    DocumentedSection{"train.early_stop", "a metric, or a map of", section_info<EarlyStopSection>},
    DocumentedSection{"evaluate.labels", "a map of", section_info<LabelsSection>},
    DocumentedSection{"evaluate.features", "values, pixels, or a map of", section_info<FeaturesSection>},
};

std::string help_of(const DocumentedSection& section) {
  const ParameterInfo* in_experiment = section_info<ExperimentSection>().find(section.name);
  std::string text = fmt::format("{} (section)\n", section.name);
  if (in_experiment != nullptr) text += fmt::format("  {}\n", in_experiment->help);
  return text + fmt::format("\n{}\n", section.shape) + parameters_text(section.info());
}

}  // namespace

std::vector<std::string> section_names() {
  std::vector<std::string> names = section_info<ExperimentSection>().parameter_names();
  for (const DocumentedSection& section : documented_sections) {
    if (std::ranges::find(names, section.name) == names.end()) names.emplace_back(section.name);
  }
  return names;
}

std::optional<std::string> section_help(std::string_view name) {
  const auto found = std::ranges::find(documented_sections, name, &DocumentedSection::name);
  if (found != documented_sections.end()) return help_of(*found);
  const ParameterInfo* key = section_info<ExperimentSection>().find(name);
  if (key == nullptr) return std::nullopt;
  return fmt::format("{} (section)\n  {}\n", key->name, key->help);
}

std::string sections_help() {
  std::string text = "sections of an experiment\n";
  for (const ParameterInfo& section : section_info<ExperimentSection>().parameters) {
    text += fmt::format("  {:<22} {}\n", section.name, section.help);
  }
  return text;
}

}  // namespace duel
