// All layers of this folder, for the program's registry.
#pragma once

#include "registry/registry.hpp"

namespace duel {

void register_layers(Registry& registry);

}  // namespace duel
