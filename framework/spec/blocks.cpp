#include "registry/blocks.hpp"

#include <algorithm>

#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

// The names that every layer's parameters have already.
bool is_taken(const std::string& name) { return name == "as" || name == "from" || name == "share"; }

bool check_parameters(const YamlNode& node, ReadContext context) {
  if (node.is_null()) return true;
  const std::size_t before = context.problems.size();
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (!check_name(entry, inner) || !is_taken(entry.key)) continue;
    inner.problems.add(entry.where, inner.path, fmt::format("every layer has a parameter '{}' already", entry.key),
                       "choose another name");
  }
  return context.problems.size() == before;
}

bool check_inputs(const std::vector<std::string>& inputs, const YamlNode& node, ReadContext context) {
  std::vector<std::string> sorted = inputs;
  std::ranges::sort(sorted);
  if (!inputs.empty() && std::ranges::adjacent_find(sorted) == sorted.end()) return true;
  context.problem(node, inputs.empty() ? "a block takes at least one input" : "an input is named twice");
  return false;
}

}  // namespace

Blocks read_blocks(const YamlNode& node, ReadContext context) {
  Blocks blocks;
  if (node.is_null()) return blocks;
  for (const YamlNode::Entry& entry : section_entries(node, context)) {
    ReadContext inner = context.child(entry.key);
    if (!check_name(entry, inner)) continue;
    if (context.registry.layers.find(entry.key) != nullptr) {
      inner.problems.add(entry.where, inner.path, fmt::format("'{}' is a kind of layer already", entry.key),
                         "choose another name");
      continue;
    }
    if (!entry.value.is_map()) {
      inner.problem(entry.value, "expected a block, found " + describe(entry.value), "give it `layers`");
      continue;
    }
    const auto section = read_section<BlockSection>(entry.value, inner);
    if (section.layers.is_null() || !check_parameters(section.parameters, inner.child("parameters"))) continue;
    if (const YamlNode* given = entry.value.find("inputs");
        given != nullptr && !check_inputs(section.inputs, *given, inner.child("inputs"))) {
      continue;
    }
    blocks.add({entry.key, section.inputs, section.parameters.entries, section.layers, entry.where});
  }
  return blocks;
}

}  // namespace duel
