#include "plugins/samplers/register.hpp"

#include "plugins/samplers/grid.hpp"
#include "plugins/samplers/neighbours.hpp"
#include "plugins/samplers/scatter.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_samplers(Registry& registry) {
  auto& samplers = registry.samplers;
  samplers.add<GridPlot>("grid");
  samplers.add<NeighboursPlot>("neighbours");
  samplers.add<ScatterPlot>("scatter");
}

}  // namespace duel
