#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace duel {
namespace {

std::string range_text(const ParameterInfo& parameter) {
  std::string text;
  if (std::isfinite(parameter.minimum)) {
    text += fmt::format(" {} {}", parameter.exclusive_minimum ? ">" : "≥", format_number(parameter.minimum));
  }
  if (std::isfinite(parameter.maximum)) text += fmt::format(" ≤ {}", format_number(parameter.maximum));
  return text;
}

std::string type_text(const ParameterInfo& parameter) {
  if (!parameter.choices.empty()) return fmt::format("{}", fmt::join(parameter.choices, " | "));
  return parameter.type + range_text(parameter);
}

std::string parameter_text(const ParameterInfo& parameter) {
  std::string text = fmt::format("  {:<22} {}\n", parameter.name + (parameter.main ? " (main)" : ""), parameter.help);
  text += fmt::format("  {:<22} {}", "", type_text(parameter));
  if (parameter.required) {
    text += "; required";
  } else if (!parameter.default_text.empty()) {
    text += "; default " + parameter.default_text;
  }
  return text + "\n";
}

std::string component_text(const KindTable& table, const ComponentInfo& info) {
  std::string text = fmt::format("{} ({})\n  {}\n", info.kind, table.noun(), info.help);
  if (!info.reference.empty()) text += fmt::format("  Reference: {}\n", info.reference);
  if (!info.parameters.empty()) text += "\nParameters\n" + parameters_text(info);
  return text;
}

std::string table_text(const KindTable& table) {
  std::string text = fmt::format("{} kinds\n", table.noun());
  for (const std::string& kind : table.kinds()) text += fmt::format("  {:<22} {}\n", kind, table.find(kind)->help);
  return text;
}

}  // namespace

std::string parameters_text(const ComponentInfo& info) {
  std::string text;
  for (const ParameterInfo& parameter : info.parameters) text += parameter_text(parameter);
  return text;
}

std::optional<std::string> help_text(const Registry& registry, std::string_view kind) {
  std::vector<std::string> texts;
  for (const KindTable* table : registry.tables()) {
    if (kind.empty() || table->noun() == kind) texts.push_back(table_text(*table));
    const ComponentInfo* info = table->find(kind);
    if (info != nullptr) texts.push_back(component_text(*table, *info));
  }
  if (texts.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(texts, "\n"));
}

}  // namespace duel
