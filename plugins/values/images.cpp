#include "plugins/values/images.hpp"

#include <array>

#include "graph/op.hpp"
#include "ops/taps.hpp"

namespace duel {
namespace {

Tensor filtered(const Tensor& images, int axis, const std::array<double, 3>& weights) {
  return resample(images, axis, filter_taps(images.shape()[axis], weights, 1, Border::repeat));
}

// Sobel's difference along one of the axes 1 and 2.
Tensor slope(const Tensor& images, int axis) {
  return filtered(filtered(images, axis, {-1, 0, 1}), 3 - axis, {1, 2, 1});
}

}  // namespace

Tensor GreyscaleValue::build(ValueContext& context) const {
  const Tensor images = context.evaluate(x);
  require_image("greyscale", images);
  const int64_t channels = images.shape()[3];
  if (channels == 1) return images;
  if (channels != 3) throw ShapeError(fmt::format("greyscale: takes 1 or 3 channels, not {}", channels));
  const auto channel = [&](int64_t i) { return slice(images, 3, i, i + 1); };
  return 0.299 * channel(0) + 0.587 * channel(1) + 0.114 * channel(2);
}

void GreyscaleValue::declare(Declaration<GreyscaleValue>& d) {
  d.help("images in shades of grey, of one channel");
  d.reference("ITU-R BT.601, section 2.5.1");
  d.parameter("x", &GreyscaleValue::x, "images of three channels, or of one").required();
}

Tensor EdgesValue::build(ValueContext& context) const {
  const Tensor images = context.evaluate(x);
  require_image("edges", images);
  return sqrt(square(slope(images, 1)) + square(slope(images, 2)) + epsilon);
}

void EdgesValue::declare(Declaration<EdgesValue>& d) {
  d.help("how steep images are at each pixel, channel by channel: the length of Sobel's gradient");
  d.reference(
      "Sobel and Feldman 1968, as in Duda and Hart 1973, Pattern classification and scene analysis, section 7.3");
  d.parameter("x", &EdgesValue::x, "the images").required();
  d.parameter("epsilon", &EdgesValue::epsilon, "added under the root, so that its derivative is finite at 0").min(0);
}

}  // namespace duel
