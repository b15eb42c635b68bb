#include "plugins/schedules/register.hpp"

#include "plugins/schedules/schedules.hpp"

namespace duel {

void register_schedules(Registry& registry) {
  add_cosine(registry.schedules);
  add_decays(registry.schedules);
  add_linear(registry.schedules);
  add_piecewise(registry.schedules);
  add_warmup(registry.schedules);
}

}  // namespace duel
