#include "plugins/initializers/register.hpp"

#include "plugins/initializers/initializers.hpp"

namespace duel {

void register_initializers(Registry& registry) {
  add_distributions(registry.initializers);
  add_fan_scaled(registry.initializers);
  add_orthogonal(registry.initializers);
}

}  // namespace duel
