#include "plugins/transforms/register.hpp"

#include "plugins/transforms/colour.hpp"
#include "plugins/transforms/crop.hpp"
#include "plugins/transforms/flatten.hpp"
#include "plugins/transforms/flip.hpp"
#include "plugins/transforms/one_hot.hpp"
#include "plugins/transforms/rescale.hpp"
#include "plugins/transforms/resize.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_transforms(Registry& registry) {
  auto& transforms = registry.transforms;
  transforms.add<CenterCrop>("center_crop");
  transforms.add<ColorJitter>("color_jitter");
  transforms.add<FlattenExample>("flatten");
  transforms.add<FlipExample>("flip");
  transforms.add<Greyscale>("greyscale");
  transforms.add<OneHotLabel>("one_hot");
  transforms.add<Pad>("pad");
  transforms.add<RandomCrop>("random_crop");
  transforms.add<Rescale>("rescale");
  transforms.add<Resize>("resize");
  transforms.add<Standardize>("standardize");
}

}  // namespace duel
