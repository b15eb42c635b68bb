// Images side by side.
#pragma once

#include "registry/sampler.hpp"

namespace duel {

// A grid of images [n, height, width, 1 or 3] with lines of one pixel between them; small ones are enlarged by a whole
// factor until the picture has 400 pixels. Real examples, where given, stand in a grid of their own on the left.
// Values that are not finite are shown black.
class GridPlot final : public Sampler {
 public:
  void check(const Shape& samples, const Shape* reference) const override;
  Picture render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const override;
  static void declare(Declaration<GridPlot>& d);
};

// Two grids of images of one size beside each other, enlarged alike; each with its number of columns (0: about square).
struct GridOfImages {
  const HostTensor& images;
  int64_t columns = 0;
};
Picture side_by_side(const GridOfImages& left, const GridOfImages& right, const SampleStyle& style);

}  // namespace duel
