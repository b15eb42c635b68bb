#include "plugins/losses/register.hpp"

#include "plugins/losses/adversarial.hpp"
#include "plugins/losses/bce.hpp"
#include "plugins/losses/consistency.hpp"
#include "plugins/losses/cross_entropy.hpp"
#include "plugins/losses/distance.hpp"
#include "plugins/losses/expression.hpp"
#include "plugins/losses/feature_matching.hpp"
#include "plugins/losses/gradient_penalty.hpp"
#include "plugins/losses/info.hpp"
#include "plugins/losses/least_squares.hpp"
#include "plugins/losses/lecam.hpp"
#include "plugins/losses/orthogonal.hpp"
#include "plugins/losses/relativistic.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_losses(Registry& registry) {
  auto& losses = registry.losses;
  losses.add<BinaryCrossEntropy>("bce");
  losses.add<Consistency>("consistency");
  losses.add<CrossEntropy>("cross_entropy");
  losses.add<ExpressionLoss>("expression");
  losses.add<FeatureMatching>("feature_matching");
  losses.add<GradientPenalty>("gradient_penalty");
  losses.add<Hinge>("hinge");
  losses.add<Huber>("huber");
  losses.add<Info>("info");
  losses.add<L1>("l1");
  losses.add<L2>("l2");
  losses.add<LeastSquares>("least_squares");
  losses.add<LeCam>("lecam");
  losses.add<Minimax>("minimax");
  losses.add<NonSaturating>("non_saturating");
  losses.add<Orthogonal>("orthogonal");
  losses.add<R1>("r1");
  losses.add<R2>("r2");
  losses.add<Relativistic>("relativistic");
  losses.add<Wasserstein>("wasserstein");
}

}  // namespace duel
