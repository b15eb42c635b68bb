// Images at another size, without aliasing: where an image shrinks, the filter is widened by the factor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace duel {

// area: the mean of what a pixel covers; bilinear: a triangle; bicubic: Keys' cubic with a = −1/2 (Keys 1981, Cubic
// convolution interpolation for digital image processing). Half-widths 1/2, 1 and 2 pixels, of the larger grid.
enum class ResizeFilter { area, bilinear, bicubic };

// A part of an axis, in pixels from its beginning; need not be whole.
struct Interval1d {
  double begin = 0;
  double end = 0;
};

// The weights with which the pixels of one axis make up each pixel of the new one. They add up to one; what a filter
// would take from outside the image goes to the rest.
class AxisResampler {
 public:
  AxisResampler() = default;
  AxisResampler(int64_t from, Interval1d part, int64_t to, ResizeFilter filter);

  int64_t size() const { return static_cast<int64_t>(first_.size()); }
  int64_t first(int64_t i) const { return first_[static_cast<std::size_t>(i)]; }
  std::span<const double> weights(int64_t i) const;

 private:
  std::vector<int64_t> first_;
  std::vector<std::size_t> begin_;  // of pixel i's weights; one more than pixels
  std::vector<double> weights_;
};

// From the part rows × columns of images of `height` × `width` × `channels` to `new_height` × `new_width`. Immutable;
// thread-safe with a scratch memory for each thread.
class ImageResampler {
 public:
  ImageResampler(int64_t height, int64_t width, int64_t channels, Interval1d rows, Interval1d columns,
                 int64_t new_height, int64_t new_width, ResizeFilter filter);

  // Along rows first, then along columns, each sum in double precision; not rounded and not clipped: bicubic may
  // overshoot what it was given. `in` and `out` are distinct memory.
  void apply(const float* in, float* out, std::vector<float>& scratch) const;

 private:
  int64_t height_, width_, channels_;
  AxisResampler rows_, columns_;
};

}  // namespace duel
