// Points of a plane.
#pragma once

#include "registry/sampler.hpp"

namespace duel {

// Generated points [n, 2] in orange over real ones [m, 2] in blue, 600 × 600 pixels, both axes with the same range: the
// style's when given, else what the real points (without them, the generated ones) span and a margin. Points outside
// are counted in the legend.
class ScatterPlot final : public Sampler {
 public:
  void check(const Shape& samples, const Shape* reference) const override;
  Picture render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const override;
  static void declare(Declaration<ScatterPlot>& d);
};

}  // namespace duel
