// The registry that this folder's tests read layers from, and the kinds that their cases cover.
#pragma once

#include <set>
#include <string>

#include "plugins/initializers/register.hpp"
#include "plugins/layers/register.hpp"
#include "tests/support/filled_registry.hpp"

namespace duel {

inline const Registry& layer_registry() { return filled_registry<register_layers, register_initializers>(); }

// The kind that "kind" or "kind: …" begins with.
inline std::string kind_of(const std::string& yaml) { return yaml.substr(0, yaml.find(':')); }

}  // namespace duel
