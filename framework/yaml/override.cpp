#include "yaml/override.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
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

// The parts of the path from `depth` on.
std::string rest_of(const Path& path, std::size_t depth) {
  std::string text;
  for (; depth < path.size(); ++depth) text = join_path(text, path[depth]);
  return text;
}

void add_missing(YamlNode& root, const YamlNode& node, const Path& path, std::size_t depth, const Position& where,
                 Problems& problems) {
  const std::string parent = path_up_to(root, path, depth);
  MissingChild missing = explain_missing(node, parent, path[depth]);
  if (node.is_sequence() && !node.items.empty() && !parse_integer(path[depth])) {
    missing.remedy = fmt::format("name one of its {} items: {}[0].{}", node.items.size(), parent, rest_of(path, depth));
  }
  problems.add(where, {}, missing.what, missing.remedy);
}

// `dense: 256` stands for a map whose key only the layer knows, so that nothing can be put beside it.
std::string remedy_for_short_form(const Path& path, std::size_t depth, const std::string& parent,
                                  const YamlNode& value) {
  std::string inner = to_line(value);
  for (std::size_t i = path.size(); i > depth; --i) inner = fmt::format("{{{}: {}}}", path[i - 1], inner);
  return fmt::format("give all that it is to have: '{}={}'", parent, inner);
}

// A bare word is a kind with all defaults: `digits` is `digits: {}`.
bool is_kind_alone(const YamlNode& node, const std::string& kind) {
  return node.is_scalar() && !node.quoted && node.text == kind;
}

void set_value(YamlNode& root, const Path& path, YamlNode value, const Position& where, Problems& problems) {
  YamlNode* node = &root;
  std::size_t depth = 0;
  for (; depth < path.size(); ++depth) {
    YamlNode* child = child_at(*node, path[depth]);
    if (child == nullptr) break;
    node = child;
  }
  if (depth < path.size() && is_kind_alone(*node, path[depth])) *node = YamlNode{};
  if (depth < path.size() && node->is_scalar()) {
    const std::string parent = path_up_to(root, path, depth);
    return problems.add(where, {}, explain_missing(*node, parent, path[depth]).what,
                        remedy_for_short_form(path, depth, parent, value));
  }
  if (depth < path.size() && node->is_sequence()) return add_missing(root, *node, path, depth, where, problems);
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

YamlNode* node_at(YamlNode& root, const Path& path) {
  YamlNode* node = &root;
  for (auto part = path.begin(); node != nullptr && part != path.end(); ++part) node = child_at(*node, *part);
  return node;
}

// The path that says the same in another way, if there is one.
// Whether `pattern` is the path's own words, where * stands for any index. `path` may be longer or shorter.
bool matches(const Path& path, const Path& pattern) {
  return std::ranges::equal(path, pattern, [](const std::string& word, const std::string& wanted) {
    return wanted == "*" ? !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; })
                         : word == wanted;
  });
}

std::optional<Path> alternative_of(const Path& path, std::span<const AlternativeKeys> alternatives) {
  for (const auto& [one, other] : alternatives) {
    for (const auto& [own, another] : {std::pair(one, other), std::pair(other, one)}) {
      if (!matches(path, parse_path(own).value())) continue;
      Path replaced = path;
      replaced.back() = parse_path(another).value().back();
      return replaced;
    }
  }
  return std::nullopt;
}

// Takes away the alternative of what an override has set; that of two overrides is for the reader to refuse.
void delete_alternative(YamlNode& root, const Path& other) {
  YamlNode* node = node_at(root, other);
  if (node == nullptr || is_of_override(node->where)) return;
  erase_child(*node_at(root, Path(other.begin(), other.end() - 1)), node);
}

// Has an earlier override, by its alternative, done what this deletion asks for?
bool is_deleted_already(YamlNode& root, const Path& path, const Path& other) {
  const YamlNode* set = node_at(root, other);
  return node_at(root, path) == nullptr && set != nullptr && is_of_override(set->where);
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

Position position_of_override(const std::string& text) { return {fmt::format("override '{}'", text), 0, 0}; }

bool is_of_override(const Position& where) { return where.line == 0 && !where.file.empty(); }

void apply_override(YamlNode& root, const std::string& text, std::span<const AlternativeKeys> alternatives,
                    Problems& problems) {
  const Position where = position_of_override(text);
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
  const auto other = alternative_of(*path, alternatives);
  if (deletes && other && is_deleted_already(root, *path, *other)) return;
  if (deletes) return delete_value(root, *path, where, problems);
  try {
    YamlNode value = parse_yaml(std::string_view(text).substr(equals + 1), where.file);
    set_position(value, where);
    set_value(root, *path, std::move(value), where, problems);
    if (other) delete_alternative(root, *other);
  } catch (const UserError& error) {
    const std::string_view before_value = std::string_view(text).substr(0, equals + 1);
    for (const Problem& problem : error.problems()) problems.add(in_override(problem, where, before_value));
  }
}

}  // namespace duel
