// All components that come with the program.
#pragma once

#include "registry/registry.hpp"

namespace duel {

void register_plugins(Registry& registry);

}  // namespace duel
