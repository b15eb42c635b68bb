#include "plugins/metrics/register.hpp"

#include "plugins/metrics/fid.hpp"
#include "plugins/metrics/fid_infinity.hpp"
#include "plugins/metrics/inception_score.hpp"
#include "plugins/metrics/kid.hpp"
#include "plugins/metrics/prdc.hpp"

namespace duel {

void register_metrics(Registry& registry) {
  auto& metrics = registry.metrics;
  metrics.add<Fid>("fid");
  metrics.add<FidInfinity>("fid_infinity");
  metrics.add<Kid>("kid");
  metrics.add<InceptionScore>("inception_score");
  metrics.add<Prdc>("prdc");
}

}  // namespace duel
