// The losses and value functions that tests of losses name.
#pragma once

#include "plugins/losses/register.hpp"
#include "plugins/values/register.hpp"
#include "tests/support/filled_registry.hpp"

namespace duel {

inline const Registry& loss_registry() { return filled_registry<register_losses, register_values>(); }

}  // namespace duel
