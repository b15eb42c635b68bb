// Dotted paths into a document, as overrides and interpolations write them: a.b.3.c or a.b[3].c.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/document.hpp"

namespace duel {

// The keys and item numbers of a path, or none if it is malformed (empty parts, unbalanced brackets).
std::optional<std::vector<std::string>> parse_path(std::string_view text);

// "a.b[3].c": `parent` with one more part, in the spelling of error messages.
std::string join_path(const std::string& parent, const std::string& key);
std::string join_path(const std::string& parent, std::size_t item);

// The last parts of a key that tell it from the other keys and are none of `taken`: "adam.lr". The whole key where no
// part of it does.
std::string shortest_end(const std::string& key, std::span<const std::string> keys,
                         const std::set<std::string>& taken = {});

// The child of a node that a part of a path names: a map's value or a list's item. nullptr if there is none.
YamlNode* child_at(YamlNode& node, const std::string& part);

// Why child_at found nothing, as words and a remedy for an error message: "a.b has no 'c'", "did you mean 'd'?".
struct MissingChild {
  std::string what;
  std::string remedy;
};
MissingChild explain_missing(const YamlNode& node, const std::string& node_path, const std::string& part);

}  // namespace duel
