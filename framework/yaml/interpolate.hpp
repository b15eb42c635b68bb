// ${a.b} and ${env:NAME,default} (compose.hpp has the language).
#pragma once

#include "yaml/document.hpp"

namespace duel {

// Replaces every ${…} in the values of the document, then removes `vars`. Every problem is added: unknown names, cycles
// with their path, a map or list within a text, unset variables of the environment. Throws UserError
// (ExitCode::experiment) at once when the result outgrows YamlLimits.
void interpolate(YamlNode& root, Problems& problems);

}  // namespace duel
