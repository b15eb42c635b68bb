#include "yaml/document.hpp"

#include <algorithm>

namespace duel {

const YamlNode::Entry* YamlNode::find_entry(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

YamlNode* YamlNode::find(std::string_view key) { return const_cast<YamlNode*>(std::as_const(*this).find(key)); }

std::vector<std::string> YamlNode::keys() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.key);
  return names;
}

YamlNode YamlNode::scalar(std::string text, Position where, bool quoted) {
  YamlNode node;
  node.kind = Kind::scalar;
  node.where = std::move(where);
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

std::string describe(const YamlNode& node) {
  constexpr std::size_t longest = 40;
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "a null";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::scalar:
      break;
  }
  if (node.text.size() <= longest) return fmt::format("the text '{}'", node.text);
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(node.text[end]) & 0xc0) == 0x80) --end;  // not within a character
  return fmt::format("the text '{}…'", node.text.substr(0, end));
}

bool same_content(const YamlNode& a, const YamlNode& b) {
  const auto same_entry = [](const YamlNode::Entry& x, const YamlNode::Entry& y) {
    return x.key == y.key && same_content(x.value, y.value);
  };
  return a.kind == b.kind && a.text == b.text && a.quoted == b.quoted &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_content) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(), same_entry);
}

}  // namespace duel
