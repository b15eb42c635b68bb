// Overrides of the command line: a.b.c=value and ~a.b (compose.hpp has the language).
#pragma once

#include <span>
#include <string>

#include "yaml/compose.hpp"
#include "yaml/document.hpp"

namespace duel {

// Applies one override, in place. What it sets carries position_of_override. Maps that are missing
// on the way are made, a bare word becomes one when the path goes on with it (`digits` as `digits: {}`); list items
// must exist. Problems are added, and then the document is left as it was.
// What an override sets takes the place of its alternative too.
void apply_override(YamlNode& root, const std::string& text, std::span<const AlternativeKeys> alternatives,
                    Problems& problems);

// The position of what the override sets, and whether a position is one of an override.
Position position_of_override(const std::string& text);
bool is_of_override(const Position& where);

}  // namespace duel
