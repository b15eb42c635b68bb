// The sliced Wasserstein distance of local structures, by their size.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// SWD (Karras et al., Progressive growing of GANs for improved quality, stability, and variation, 2018, section 5).
// Images are taken apart into levels (laplacian_pyramid.hpp) down to 16 pixels; those with a side below 31 have one. Of
// each level, a descriptor is a patch of 7 × 7 pixels with all channels; `patches` of each of at most `images` images a
// side. Descriptors of a side are shifted and scaled to mean 0 and standard deviation 1 in each channel; a channel that
// does not vary is all zeros, with a warning. The distance of a level is sliced_wasserstein_distance (point_cloud.hpp)
// with `directions` directions, times 10³. Image i of both sides has its patches at the same, random places: the
// distance of a side to itself is 0.
//
// The record `sliced_wasserstein` is the mean over levels. As records must be known before the images, levels get one
// of their own where `levels` names their shorter sides: sliced_wasserstein.32, from the largest to the smallest.
// Images need 7 pixels a side. Memory, of one level of both sides at a time: the level of each image in single
// precision or, where these are less, its patches; 8 bytes a patch; and half a GiB for projections.
class SlicedWasserstein final : public Metric {
 public:
  int64_t patches = 128;
  int64_t directions = 512;  // the paper's 4 times 128
  int64_t images = 16384;
  std::vector<int64_t> levels;

  MetricNeeds needs() const override;
  std::vector<MetricOutput> outputs() const override;
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<SlicedWasserstein>& d);
};

}  // namespace duel
