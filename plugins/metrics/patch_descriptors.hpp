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

// Patches of 7 × 7 pixels with all channels as points of 49 · channels numbers, those of an image one after the other.
// Immutable; thread-safe.
class PatchDescriptors {
 public:
  // Of one level of a pyramid, no side of which is shorter than a patch, of images of pyramid.shape(0). Each channel is
  // shifted and scaled to mean 0 and standard deviation 1 over all patches and their pixels; one that does not vary is
  // all zeros. Image i has its patches at places that depend on the seed, i and the level alone, so that they are the
  // same on both sides of a comparison. Uses the threads of the enclosing ThreadPool::run; the same bits on any number
  // of them.
  PatchDescriptors(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                   const PatchSampling& sampling);

  bool has_constant_channel() const { return has_constant_channel_; }
  // What it refers to must outlive it.
  PointCloud cloud() const;

 private:
  int64_t width() const { return PatchSampling::side * PatchSampling::side * channels_; }
  int64_t count() const { return static_cast<int64_t>(first_pixels_.size()); }
  void read(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level, const PatchSampling& sampling);
  void normalise();
  std::vector<double> means_of(bool squares, const std::vector<double>& centres) const;
  // Writes patches [begin, begin + patches) to out.
  template <class Number>
  void copy(int64_t begin, int64_t patches, Number* out) const;

  int64_t channels_;
  // The images of the level, or where these are more numbers, the patches alone.
  std::vector<float> pixels_;
  int64_t row_ = 0;                    // numbers from a row of pixels to the next
  std::vector<int64_t> first_pixels_;  // of each patch
  bool has_constant_channel_ = false;
};

}  // namespace duel
