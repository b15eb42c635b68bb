// Every component that an experiment can name.
#pragma once

#include "plugins/register.hpp"
#include "tests/support/filled_registry.hpp"

namespace duel {

inline const Registry& plugin_registry() { return filled_registry<register_plugins>(); }

}  // namespace duel
