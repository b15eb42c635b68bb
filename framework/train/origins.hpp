// Where each value of an experiment was set, as a run keeps it. For framework/train's own sources.
#pragma once

#include <map>
#include <string>

#include "yaml/compose.hpp"

namespace duel {

// JSON: an object from the key of each leaf (yaml/leaves.hpp) to "file:line" or "override 'key=value'".
std::string origins_text(const Document& document);

// Of a document made of what a run keeps in `file` (its texts are `kept`) and overrides: what neither of them has set
// anew keeps the origin that the run knows. A run that knows none names `file` itself.
std::string origins_text(const Document& document, const std::string& file,
                         const std::map<std::string, std::string>& kept);

}  // namespace duel
