#include "model/average.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace duel {

double average_decay(const AverageSpec& spec, int64_t step, int64_t batch) {
  if (step < spec.start) return 0;
  if (!spec.half_life && !spec.rampup) return spec.decay;
  const auto examples = static_cast<double>(batch);
  // The half-life of a decay: infinite for 1, and 0 for 0.
  double half_life = spec.half_life ? *spec.half_life : examples * std::log(0.5) / std::log(spec.decay);
  if (!spec.half_life && spec.decay == 1) half_life = std::numeric_limits<double>::infinity();
  if (spec.rampup) half_life = std::min(half_life, *spec.rampup * static_cast<double>(step) * examples);
  return half_life > 0 ? std::exp2(-examples / half_life) : 0;
}

}  // namespace duel
