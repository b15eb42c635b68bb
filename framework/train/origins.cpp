#include "train/origins.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "yaml/leaves.hpp"

namespace duel {
namespace {

using nlohmann::json;

std::string origin_of(const YamlLeaf& leaf) { return to_string(Position{leaf.where.file, leaf.where.line, 0}); }

std::string text_of(const json& origins) { return origins.dump(0, ' ', false, json::error_handler_t::replace); }

// By line and column in the text that the run keeps: overrides may have moved the items of a list, and so their keys.
std::map<std::pair<int, int>, std::string> keys_by_place(const std::string& resolved, const std::string& file) {
  std::map<std::pair<int, int>, std::string> keys;
  for (const YamlLeaf& leaf : leaves_of(parse_yaml(resolved, file))) {
    keys[{leaf.where.line, leaf.where.column}] = leaf.key;
  }
  return keys;
}

}  // namespace

std::string origins_text(const Document& document) {
  json origins = json::object();
  for (const YamlLeaf& leaf : leaves_of(document.root)) origins[leaf.key] = origin_of(leaf);
  return text_of(origins);
}

std::string origins_text(const Document& document, const std::string& file,
                         const std::map<std::string, std::string>& kept) {
  const auto known_text = kept.find("origins");
  if (known_text == kept.end()) return origins_text(document);
  const json known = json::parse(known_text->second, nullptr, false);
  const auto keys = keys_by_place(kept.at("resolved"), file);
  json origins = json::object();
  for (const YamlLeaf& leaf : leaves_of(document.root)) {
    origins[leaf.key] = origin_of(leaf);
    const auto key = keys.find({leaf.where.line, leaf.where.column});
    if (leaf.where.file != file || key == keys.end()) continue;
    if (known.is_object() && known.contains(key->second)) origins[leaf.key] = known.at(key->second);
  }
  return text_of(origins);
}

}  // namespace duel
