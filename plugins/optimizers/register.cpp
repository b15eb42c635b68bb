#include "plugins/optimizers/register.hpp"

#include "plugins/optimizers/adabelief.hpp"
#include "plugins/optimizers/adam.hpp"
#include "plugins/optimizers/lion.hpp"
#include "plugins/optimizers/rmsprop.hpp"
#include "plugins/optimizers/sgd.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_optimizers(Registry& registry) {
  auto& optimizers = registry.optimizers;
  optimizers.add<AdaBelief>("adabelief");
  optimizers.add<Adam>("adam");
  optimizers.add<AdamW>("adamw");
  optimizers.add<Lion>("lion");
  optimizers.add<RmsProp>("rmsprop");
  optimizers.add<Sgd>("sgd");
}

}  // namespace duel
