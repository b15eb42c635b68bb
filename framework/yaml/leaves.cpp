#include "yaml/leaves.hpp"

#include <algorithm>

#include "yaml/override.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

bool is_one_value(const YamlNode& node) { return node.is_null() || node.is_scalar(); }

Position place_of(const YamlNode& node) {
  const auto changed = std::ranges::find_if(node.items, is_of_override, &YamlNode::where);
  return changed == node.items.end() ? node.where : changed->where;
}

void add_leaves(const YamlNode& node, const std::string& key, std::vector<YamlLeaf>& leaves) {
  if (node.entries.empty() && std::ranges::all_of(node.items, is_one_value)) {
    leaves.push_back({key, to_line(node), place_of(node)});
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) add_leaves(entry.value, join_path(key, entry.key), leaves);
  for (std::size_t i = 0; i < node.items.size(); ++i) add_leaves(node.items[i], join_path(key, i), leaves);
}

}  // namespace

std::vector<YamlLeaf> leaves_of(const YamlNode& root) {
  std::vector<YamlLeaf> leaves;
  add_leaves(root, {}, leaves);
  return leaves;
}

}  // namespace duel
