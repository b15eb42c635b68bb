#include "yaml/merge.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

constexpr std::string_view delete_mark = "_delete_";

bool has_delete_mark(const YamlNode& map) {
  const YamlNode* mark = map.find(delete_mark);
  return mark != nullptr && mark->is_scalar() && !mark->quoted && parse_bool(mark->text).value_or(false);
}

// Takes the mark out of a map and says whether it was set.
bool take_delete_mark(YamlNode& map, const std::string& path, Problems& problems) {
  const YamlNode::Entry* mark = map.find_entry(delete_mark);
  if (mark == nullptr) return false;
  const bool set = has_delete_mark(map);
  const bool is_bool = mark->value.is_scalar() && !mark->value.quoted && parse_bool(mark->value.text).has_value();
  if (!is_bool)
    problems.add(mark->value.where, path, fmt::format("_delete_ is {}", describe(mark->value)), "true or false");
  map.entries.erase(map.entries.begin() + (mark - map.entries.data()));
  return set;
}

void remove_delete_marks(YamlNode& node, const std::string& path, Problems& problems) {
  if (!node.is_map()) return;
  take_delete_mark(node, path, problems);
  for (YamlNode::Entry& entry : node.entries) remove_delete_marks(entry.value, join_path(path, entry.key), problems);
}

void merge_at(YamlNode& base, YamlNode overlay, const std::string& path, Problems& problems) {
  const bool deep = base.is_map() && overlay.is_map() && !has_delete_mark(overlay);
  if (!deep) {
    remove_delete_marks(overlay, path, problems);
    base = std::move(overlay);
    return;
  }
  take_delete_mark(overlay, path, problems);
  base.where = overlay.where;
  for (YamlNode::Entry& entry : overlay.entries) {
    const std::string entry_path = join_path(path, entry.key);
    const auto same_key = [&](const YamlNode::Entry& other) { return other.key == entry.key; };
    const auto beneath = std::find_if(base.entries.begin(), base.entries.end(), same_key);
    if (beneath != base.entries.end()) {
      beneath->where = entry.where;
      merge_at(beneath->value, std::move(entry.value), entry_path, problems);
    } else {
      remove_delete_marks(entry.value, entry_path, problems);
      base.entries.push_back(std::move(entry));
    }
  }
}

void collect_conflicts(const YamlNode& base, const YamlNode& overlay, std::vector<std::string>& path,
                       std::vector<MergeConflict>& conflicts) {
  if (!base.is_map() || !overlay.is_map()) {
    if (!same_content(base, overlay)) conflicts.push_back({path, base.where, overlay.where});
    return;
  }
  for (const YamlNode::Entry& entry : overlay.entries) {
    const YamlNode* beneath = base.find(entry.key);
    if (beneath == nullptr) continue;
    path.push_back(entry.key);
    collect_conflicts(*beneath, entry.value, path, conflicts);
    path.pop_back();
  }
}

}  // namespace

void merge(YamlNode& base, YamlNode overlay, Problems& problems) { merge_at(base, std::move(overlay), {}, problems); }

std::vector<MergeConflict> find_conflicts(const YamlNode& base, const YamlNode& overlay) {
  std::vector<MergeConflict> conflicts;
  std::vector<std::string> path;
  collect_conflicts(base, overlay, path, conflicts);
  return conflicts;
}

bool decides(const YamlNode& overlay, const std::vector<std::string>& path) {
  const YamlNode* node = &overlay;
  for (const std::string& key : path) {
    if (!node->is_map() || has_delete_mark(*node)) return true;
    node = node->find(key);
    if (node == nullptr) return false;
  }
  return !node->is_map() || has_delete_mark(*node);
}

}  // namespace duel
