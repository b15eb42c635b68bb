// ${a.b} and ${env:NAME,default} (compose.hpp has the language).
#pragma once

#include "yaml/document.hpp"

namespace duel {

// Replaces every ${…} in the values of the document, then removes `vars`. Every problem is added: unknown names, cycles
// with their path, a map or list within a text, unset variables of the environment. Within `blocks.NAME.layers` a
// reference to one of `blocks.NAME.parameters` stays as it is, as does $${: each use of the block replaces them by
// calling this again, with the parameters as `vars`. Throws UserError
// (ExitCode::experiment) at once when the result outgrows YamlLimits.
void interpolate(YamlNode& root, Problems& problems);

}  // namespace duel
