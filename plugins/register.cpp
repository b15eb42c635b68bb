#include "plugins/register.hpp"

#include "plugins/datasets/register.hpp"
#include "plugins/initializers/register.hpp"
#include "plugins/layers/register.hpp"
#include "plugins/losses/register.hpp"
#include "plugins/metrics/register.hpp"
#include "plugins/optimizers/register.hpp"
#include "plugins/samplers/register.hpp"
#include "plugins/schedules/register.hpp"
#include "plugins/transforms/register.hpp"
#include "plugins/values/register.hpp"

namespace duel {

void register_plugins(Registry& registry) {
  register_layers(registry);
  register_losses(registry);
  register_optimizers(registry);
  register_schedules(registry);
  register_initializers(registry);
  register_values(registry);
  register_datasets(registry);
  register_transforms(registry);
  register_samplers(registry);
  register_metrics(registry);
}

}  // namespace duel
