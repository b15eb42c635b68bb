#include "plugins/metrics/register.hpp"

#include "plugins/metrics/accuracy.hpp"
#include "plugins/metrics/auroc.hpp"
#include "plugins/metrics/authenticity.hpp"
#include "plugins/metrics/calibration.hpp"
#include "plugins/metrics/classification_accuracy.hpp"
#include "plugins/metrics/fid.hpp"
#include "plugins/metrics/fid_infinity.hpp"
#include "plugins/metrics/inception_score.hpp"
#include "plugins/metrics/kid.hpp"
#include "plugins/metrics/l1.hpp"
#include "plugins/metrics/mixture.hpp"
#include "plugins/metrics/ms_ssim.hpp"
#include "plugins/metrics/perceptual_distance.hpp"
#include "plugins/metrics/prdc.hpp"
#include "plugins/metrics/psnr.hpp"
#include "plugins/metrics/sliced_wasserstein.hpp"
#include "plugins/metrics/ssim.hpp"

namespace duel {

void register_metrics(Registry& registry) {
  auto& metrics = registry.metrics;
  metrics.add<Fid>("fid");
  metrics.add<FidInfinity>("fid_infinity");
  metrics.add<Kid>("kid");
  metrics.add<InceptionScore>("inception_score");
  metrics.add<Prdc>("prdc");
  metrics.add<SlicedWasserstein>("sliced_wasserstein");
  metrics.add<MsSsim>("ms_ssim");
  metrics.add<Psnr>("psnr");
  metrics.add<Ssim>("ssim");
  metrics.add<L1Difference>("l1");
  metrics.add<PerceptualDistance>("perceptual_distance");
  metrics.add<Authenticity>("authenticity");
  metrics.add<Mixture>("mixture");
  metrics.add<Auroc>("auroc");
  metrics.add<Calibration>("calibration");
  metrics.add<Accuracy>("accuracy");
  metrics.add<ClassificationAccuracyScore>("classification_accuracy_score");
}

}  // namespace duel
