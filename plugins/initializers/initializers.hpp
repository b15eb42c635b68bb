// One function a file of this folder: it adds the file's kinds.
#pragma once

#include "registry/initializer.hpp"
#include "registry/registry.hpp"

namespace duel {

void add_distributions(KindRegistry<Initializer>& initializers);
void add_fan_scaled(KindRegistry<Initializer>& initializers);
void add_orthogonal(KindRegistry<Initializer>& initializers);

}  // namespace duel
