#include "plugins/datasets/register.hpp"

#include "plugins/datasets/captioned_digits.hpp"
#include "plugins/datasets/cifar10.hpp"
#include "plugins/datasets/csv.hpp"
#include "plugins/datasets/digits.hpp"
#include "plugins/datasets/hdf5.hpp"
#include "plugins/datasets/idx.hpp"
#include "plugins/datasets/images.hpp"
#include "plugins/datasets/npy.hpp"
#include "plugins/datasets/only.hpp"
#include "plugins/datasets/pairs.hpp"
#include "plugins/datasets/points.hpp"
#include "plugins/datasets/unpaired.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_datasets(Registry& registry) {
  auto& datasets = registry.datasets;
  datasets.add<CaptionedDigitsSource>("captioned_digits");
  datasets.add<Cifar10Source>("cifar10");
  datasets.add<CirclePoints>("circle");
  datasets.add<CsvSource>("csv");
  datasets.add<DigitsSource>("digits");
  datasets.add<DiracPoint>("dirac");
  datasets.add<GaussianPoints>("gaussian");
  datasets.add<GridPoints>("grid");
  datasets.add<Hdf5Source>("hdf5");
  datasets.add<IdxSource>("idx");
  datasets.add<ImagesSource>("images");
  datasets.add<MoonPoints>("moons");
  datasets.add<NpySource>("npy");
  datasets.add<OnlySource>("only");
  datasets.add<PairsSource>("pairs");
  datasets.add<RingPoints>("ring");
  datasets.add<SwissRollPoints>("swiss_roll");
  datasets.add<UnpairedSource>("unpaired");
}

}  // namespace duel
