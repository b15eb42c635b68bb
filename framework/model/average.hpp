// How fast a moving average of weights forgets.
#pragma once

#include "spec/experiment.hpp"

namespace duel {

// The weight of the old average in the update after step `step` (steps done before it), in [0, 1]; 0 before
// `spec.start`. `batch`: examples a step.
//
// By a half-life H of examples it is 0.5^(batch / H). With `rampup` r, H is at most r times the examples seen before
// the step, so that the average follows the weights closely at first: Karras et al. 2020, "Training generative
// adversarial networks with limited data" (StyleGAN2-ADA), whose official program calls H `ema_kimg` and r
// `ema_rampup`. A `decay` with `rampup` is the half-life that it amounts to.
double average_decay(const AverageSpec& spec, int64_t step, int64_t batch);

}  // namespace duel
