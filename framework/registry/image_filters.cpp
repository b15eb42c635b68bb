#include "registry/image_filters.hpp"

#include <fmt/format.h>

#include <numeric>

#include "graph/op.hpp"
#include "ops/taps.hpp"

namespace duel {
namespace {

// Each pixel `factor` times along each axis. A reshape and a broadcast, which cost nothing where they are fused.
Tensor repeated(const Tensor& images, const Extent2& factor) {
  const Shape& shape = images.shape();
  const Tensor apart = reshape(images, {shape[0], shape[1], 1, shape[2], 1, shape[3]});
  const Tensor wide = broadcast(apart, {shape[0], shape[1], factor[0], shape[2], factor[1], shape[3]});
  return reshape(wide, {shape[0], shape[1] * factor[0], shape[2] * factor[1], shape[3]});
}

ResizeFilter filter_of(const std::string& method) {
  return method == "bilinear" ? ResizeFilter::linear : ResizeFilter::cubic;
}

Taps downsampling_taps(const std::string& method, int64_t extent, int64_t times) {
  if (method == "average") return average_taps(extent, times, times, 0, 0, true);
  if (method == "strided") return strided_taps(extent, times);
  return resizing_taps(extent, extent / times, {.filter = filter_of(method), .antialias = true});
}

double total(const std::vector<double>& taps) { return std::accumulate(taps.begin(), taps.end(), 0.0); }

std::vector<double> normalized(std::vector<double> taps) {
  const double whole = total(taps);
  for (double& tap : taps) tap /= whole;
  return taps;
}

}  // namespace

Tensor UpsampleFilter::apply(const Tensor& images) const {
  require_image(name, images);
  const Extent2 times = both_axes(factor);
  if (method == "nearest") return repeated(images, times);
  const Resizing how{.filter = filter_of(method),
                     .edge = edges == "repeat" ? FilterEdge::repeat : FilterEdge::renormalize,
                     .cubic_slope = cubic_slope};
  Tensor y = images;
  for (const int axis : {0, 1}) {
    const int64_t factor_here = times[static_cast<std::size_t>(axis)];
    if (factor_here == 1) continue;
    const int64_t extent = y.shape()[axis + 1];
    y = resample(y, axis + 1, resizing_taps(extent, extent * factor_here, how));
  }
  return y;
}

Tensor DownsampleFilter::apply(const Tensor& images) const {
  require_image(name, images);
  const Extent2 times = both_axes(factor);
  Tensor y = images;
  for (const int axis : {0, 1}) {
    const int64_t factor_here = times[static_cast<std::size_t>(axis)];
    const int64_t extent = y.shape()[axis + 1];
    if (extent % factor_here != 0) {
      throw ShapeError(fmt::format("{}: {} of {} is no multiple of {}", name, axis == 0 ? "height" : "width",
                                   to_string(images.shape().without_first()), factor_here));
    }
    if (factor_here > 1) y = resample(y, axis + 1, downsampling_taps(method, extent, factor_here));
  }
  return y;
}

std::string BlurFilter::conflict() const {
  if (!(total(taps) > 0)) return "the taps of a blur add up to more than 0";
  return not_one_or_two("stride", stride);
}

Tensor BlurFilter::apply(const Tensor& images) const {
  require_image(name, images);
  const Extent2 steps = both_axes(stride);
  const Border beyond = border == "zero" ? Border::zero : border == "repeat" ? Border::repeat : Border::reflect;
  Tensor y = images;
  for (const int axis : {0, 1}) {
    const int64_t extent = y.shape()[axis + 1];
    if (beyond == Border::reflect && static_cast<int64_t>(taps.size()) / 2 >= extent) {
      throw ShapeError(fmt::format("{}: {} taps reach too far for a reflection of {}", name, taps.size(),
                                   to_string(images.shape().without_first())));
    }
    y = resample(y, axis + 1, filter_taps(extent, normalized(taps), steps[static_cast<std::size_t>(axis)], beyond));
  }
  return y;
}

}  // namespace duel
