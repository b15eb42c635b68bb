// Generated images beside the real ones that are nearest to them.
#pragma once

#include "registry/sampler.hpp"

namespace duel {

// A line for each generated image [n, height, width, 1 or 3]: itself, a gap, and the `nearest` references [m, height,
// width, 1 or 3] with the least Euclidean distance, the nearest first; of equal ones the first. Shows whether a
// generator repeats what it was trained on. References that are not finite are the farthest.
class NeighboursPlot final : public Sampler {
 public:
  int64_t nearest = 4;

  void check(const Shape& samples, const Shape* reference) const override;
  Picture render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const override;
  static void declare(Declaration<NeighboursPlot>& d);
};

}  // namespace duel
