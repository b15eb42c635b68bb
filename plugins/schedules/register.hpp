// All schedules of this folder, for the program's registry.
#pragma once

#include "registry/registry.hpp"

namespace duel {

void register_schedules(Registry& registry);

}  // namespace duel
