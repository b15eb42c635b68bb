// Images taken apart by the size of their structures.
#pragma once

#include <vector>

#include "base/shape.hpp"
#include "data/resample.hpp"

namespace duel {

// The Laplacian pyramid of images of one shape (Burt and Adelson, The Laplacian pyramid as a compact image code, 1983).
// An image is made smaller by the filter 1 4 6 4 1 (over 16, along both axes) at every other pixel, and larger by the
// same filter after zeros are put between; edges reflect. A level is the image of its size less the next one made
// larger; the last level is its image itself. Sizes are halved, rounded up, while the shorter side of the half is 16 or
// more. Immutable; thread-safe.
class LaplacianPyramid {
 public:
  // [height, width, channels], sides of at least 3.
  explicit LaplacianPyramid(const Shape& image);

  int64_t levels() const { return static_cast<int64_t>(shapes_.size()); }
  const Shape& shape(int64_t level) const { return shapes_[static_cast<std::size_t>(level)]; }
  int64_t shorter_side(int64_t level) const;
  // The pixels of one level, of shape(level), computed from those of the image.
  std::vector<float> level(std::vector<float> image, int64_t level) const;

 private:
  // Between the images of one size and of the next.
  struct Step {
    ImageResampler smaller;
    ImageResampler spread;  // with zeros between
    ImageResampler smooth;
  };
  static Step step_from(const Shape& shape, const Shape& half);

  std::vector<Shape> shapes_;
  std::vector<Step> steps_;  // from level i to i + 1
};

}  // namespace duel
