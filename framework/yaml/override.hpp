// Overrides of the command line: a.b.c=value and ~a.b (compose.hpp has the language).
#pragma once

#include <string>

#include "yaml/document.hpp"

namespace duel {

// Applies one override, in place. What it sets carries the position {"override 'a.b=3'", 0, 0}. Maps that are missing
// on the way are made, a bare word becomes one when the path goes on with it (`digits` as `digits: {}`); list items
// must exist. Problems are added, and then the document is left as it was.
void apply_override(YamlNode& root, const std::string& text, Problems& problems);

}  // namespace duel
