// The components that a test's YAML may name.
#pragma once

#include "registry/registry.hpp"

namespace duel {

// What these functions add, made once: filled_registry<register_losses, register_values>().
template <void (*... add)(Registry& registry)>
const Registry& filled_registry() {
  static const Registry filled = [] {
    Registry out;
    (add(out), ...);
    return out;
  }();
  return filled;
}

}  // namespace duel
