#include "yaml/path.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace duel {
namespace {

// "layers[3][1]" → layers, 3, 1
bool split_brackets(std::string_view piece, std::vector<std::string>& parts) {
  const std::size_t bracket = piece.find('[');
  if (bracket == 0 || piece.empty()) return false;
  parts.emplace_back(piece.substr(0, bracket));
  if (bracket == std::string_view::npos) return true;
  std::string_view rest = piece.substr(bracket);
  while (!rest.empty()) {
    const std::size_t end = rest.find(']');
    if (rest[0] != '[' || end == std::string_view::npos) return false;
    const std::string_view number = rest.substr(1, end - 1);
    if (!parse_integer(number)) return false;
    parts.emplace_back(number);
    rest.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> parse_path(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    if (!split_brackets(text.substr(begin, end - begin), parts)) return std::nullopt;
    begin = end + 1;
  }
  return parts;
}

std::string join_path(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : parent + "." + key;
}

std::string join_path(const std::string& parent, std::size_t item) { return fmt::format("{}[{}]", parent, item); }

std::string shortest_end(const std::string& key, std::span<const std::string> keys,
                         const std::set<std::string>& taken) {
  for (std::size_t dot = key.rfind('.'); dot != std::string::npos;
       dot = dot == 0 ? std::string::npos : key.rfind('.', dot - 1)) {
    const std::string end = key.substr(dot + 1);
    const auto ends_so = [&](const std::string& other) { return other == end || other.ends_with("." + end); };
    if (std::ranges::count_if(keys, ends_so) == 1 && !taken.contains(end)) return end;
  }
  return key;
}

YamlNode* child_at(YamlNode& node, const std::string& part) {
  if (node.is_map()) return node.find(part);
  if (!node.is_sequence()) return nullptr;
  const auto number = parse_integer(part);
  if (!number || *number < 0 || static_cast<uint64_t>(*number) >= node.items.size()) return nullptr;
  return &node.items[static_cast<std::size_t>(*number)];
}

MissingChild explain_missing(const YamlNode& node, const std::string& node_path, const std::string& part) {
  const std::string subject = node_path.empty() ? "the experiment" : "'" + node_path + "'";
  if (node.is_map()) return {fmt::format("{} has no '{}'", subject, part), suggestion(part, node.keys())};
  if (!node.is_sequence()) return {fmt::format("{} is {} and has no '{}'", subject, describe(node), part), {}};
  if (node.items.empty()) return {fmt::format("{} is an empty list and has no item '{}'", subject, part), {}};
  return {fmt::format("{} is a list and has no item '{}'", subject, part),
          fmt::format("its items are 0 to {}", node.items.size() - 1)};
}

}  // namespace duel
