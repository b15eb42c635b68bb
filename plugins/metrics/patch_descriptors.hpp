// Patches of images as points.
#pragma once

#include "evaluate/features.hpp"
#include "plugins/metrics/laplacian_pyramid.hpp"
#include "plugins/metrics/point_cloud.hpp"

namespace duel {

// Which patches are cut.
struct PatchSampling {
  static constexpr int64_t side = 7;  // pixels

  int64_t patches = 128;   // of each image, at random places, not necessarily different ones
  int64_t images = 16384;  // of a side at most; where there are more, some are drawn
  uint64_t seed = 0;
};

// Patches of 7 × 7 pixels with all channels, [patches, 49 · channels], those of an image one after the other.
struct PatchDescriptors {
  PointCloud cloud;
  bool has_constant_channel = false;
};

// Of one level of a pyramid, no side of which is shorter than a patch, of images of pyramid.shape(0). Each channel is
// shifted and scaled to mean 0 and standard deviation 1 over all patches and their pixels; one that does not vary is
// all zeros. Image i has its patches at places that depend on the seed, i and the level alone, so that they are the
// same on both sides of a comparison. Uses the threads of the enclosing ThreadPool::run; the same bits on any number of
// them.
PatchDescriptors patch_descriptors(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                                   const PatchSampling& sampling);

}  // namespace duel
