#include "yaml/override.hpp"

#include <algorithm>

#include "yaml/path.hpp"

namespace duel {
namespace {

using Path = std::vector<std::string>;

// What a value says when it was not written in a file: which override it is, not a line of it.
void set_position(YamlNode& node, const Position& where) {
  node.where = where;
  for (YamlNode& item : node.items) set_position(item, where);
  for (YamlNode::Entry& entry : node.entries) {
    entry.where = where;
    set_position(entry.value, where);
  }
}

std::string path_up_to(YamlNode& root, const Path& path, std::size_t count) {
  std::string text;
  YamlNode* node = &root;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_item = node != nullptr && node->is_sequence();
    text = is_item ? text + "[" + path[i] + "]" : join_path(text, path[i]);
    node = node == nullptr ? nullptr : child_at(*node, path[i]);
  }
  return text;
}

void add_missing(YamlNode& root, const YamlNode& node, const Path& path, std::size_t depth, const Position& where,
                 Problems& problems) {
  const MissingChild missing = explain_missing(node, path_up_to(root, path, depth), path[depth]);
  problems.add(where, {}, missing.what, missing.remedy);
}

void set_value(YamlNode& root, const Path& path, YamlNode value, const Position& where, Problems& problems) {
  YamlNode* node = &root;
  std::size_t depth = 0;
  for (; depth < path.size(); ++depth) {
    YamlNode* child = child_at(*node, path[depth]);
    if (child == nullptr) break;
    node = child;
  }
  if (depth < path.size() && !node->is_map() && !node->is_null()) {
    return add_missing(root, *node, path, depth, where, problems);
  }
  for (; depth < path.size(); ++depth) {
    if (!node->is_map())
      *node = YamlNode{.kind = YamlNode::Kind::map, .where = where, .text = {}, .items = {}, .entries = {}};
    node->entries.push_back({path[depth], where, {}});
    node = &node->entries.back().value;
  }
  *node = std::move(value);
}

void erase_child(YamlNode& node, const YamlNode* child) {
  if (node.is_sequence()) {
    node.items.erase(node.items.begin() + (child - node.items.data()));
  } else {
    std::erase_if(node.entries, [&](const YamlNode::Entry& entry) { return &entry.value == child; });
  }
}

void delete_value(YamlNode& root, const Path& path, const Position& where, Problems& problems) {
  YamlNode* node = &root;
  for (std::size_t depth = 0;; ++depth) {
    YamlNode* child = child_at(*node, path[depth]);
    if (child == nullptr) return add_missing(root, *node, path, depth, where, problems);
    if (depth + 1 == path.size()) return erase_child(*node, child);
    node = child;
  }
}

// A problem of the value's YAML, as one of the override: its characters are counted from the override's first.
Problem in_override(Problem problem, const Position& where, std::string_view before_value) {
  if (problem.where.line == 1) {
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    const auto offset = std::count_if(before_value.begin(), before_value.end(), starts_character);
    problem.what = fmt::format("at character {}: {}", offset + problem.where.column, problem.what);
  }
  problem.where = where;
  return problem;
}

}  // namespace

void apply_override(YamlNode& root, const std::string& text, Problems& problems) {
  const Position where{fmt::format("override '{}'", text), 0, 0};
  const bool deletes = text.starts_with('~');
  const std::size_t equals = text.find('=');
  if (deletes == (equals != std::string::npos)) {
    return problems.add(where, {}, deletes ? "a deletion has no value" : "no '='",
                        "write path.to.key=value or ~path.to.key");
  }
  const auto path = parse_path(deletes ? std::string_view(text).substr(1) : std::string_view(text).substr(0, equals));
  if (!path) return problems.add(where, {}, "not a path", "write names with dots between, such as train.steps");
  if (path->front() == "extends") {
    return problems.add(where, {}, "extends is settled in the file", "write a file that extends what you need");
  }
  if (deletes) return delete_value(root, *path, where, problems);
  try {
    YamlNode value = parse_yaml(std::string_view(text).substr(equals + 1), where.file);
    set_position(value, where);
    set_value(root, *path, std::move(value), where, problems);
  } catch (const UserError& error) {
    const std::string_view before_value = std::string_view(text).substr(0, equals + 1);
    for (const Problem& problem : error.problems()) problems.add(in_override(problem, where, before_value));
  }
}

}  // namespace duel
