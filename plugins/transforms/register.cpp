#include "plugins/transforms/register.hpp"

#include "plugins/transforms/flatten.hpp"
#include "plugins/transforms/rescale.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_transforms(Registry& registry) {
  auto& transforms = registry.transforms;
  transforms.add<FlattenExample>("flatten");
  transforms.add<Rescale>("rescale");
  transforms.add<Standardize>("standardize");
}

}  // namespace duel
