// Normalisations of each example on its own, over its pixels.
#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/normalization.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct InstanceNorm final : Normalization {
  static void declare(Declaration<InstanceNorm>& d) {
    d.help("each channel of each example to mean 0 and variance 1, then gamma·x + beta");
    d.reference("Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016)");
    declare_normalization(d, false);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const std::vector<int64_t> pixels = axes_between("instance_norm", x.shape());
    const Tensor centred = x - mean(x, pixels, true);
    return normalize(context, centred, mean(square(centred), pixels, true), {x.shape()[-1]});
  }
};

struct GroupNorm final : Normalization {
  int64_t groups = 32;

  static void declare(Declaration<GroupNorm>& d) {
    d.help("groups of neighbouring channels of each example to mean 0 and variance 1, then gamma·x + beta");
    d.reference("Wu and He, Group normalization (2018)");
    d.parameter("groups", &GroupNorm::groups, "number of groups; divides the channels").main().min(1);
    declare_normalization(d);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("group_norm", x);
    if (x.shape()[-1] % groups != 0) {
      throw ShapeError(fmt::format("group_norm: {} channels of {} cannot be cut into {} groups", x.shape()[-1],
                                   to_string(x.shape().without_first()), groups));
    }
    const Tensor centred = x - means(x);
    return normalize(context, centred, means(square(centred)), {x.shape()[-1]});
  }

 private:
  // Of each example and channel the mean of its group, with extents of 1 between.
  Tensor means(const Tensor& x) const {
    const int64_t batch = x.shape()[0];
    const int64_t channels = x.shape()[-1];
    const int64_t pixels = x.shape().elements() / std::max<int64_t>(1, batch * channels);
    const int64_t over[] = {1, 3};
    const Tensor grouped = mean(reshape(x, {batch, pixels, groups, channels / groups}), over, true);
    Shape shape = with_last(x.shape(), channels);
    for (int axis = 1; axis < shape.rank() - 1; ++axis) shape[axis] = 1;
    return reshape(broadcast(grouped, {batch, 1, groups, channels / groups}), shape);
  }
};

struct PixelNorm final : Layer {
  double epsilon = 1e-8;

  static void declare(Declaration<PixelNorm>& d) {
    d.help("each pixel divided by the root of the mean square of its channels");
    d.reference("Karras et al., Progressive growing of GANs (2018), section 4.2");
    d.parameter("epsilon", &PixelNorm::epsilon, "added to the mean square").above(0);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_features("pixel_norm", inputs[0]);
    const int64_t last[] = {-1};
    return inputs[0] * rsqrt(mean(square(inputs[0]), last, true) + epsilon);
  }
};

}  // namespace

void add_group_norm(KindRegistry<Layer>& layers) {
  layers.add<InstanceNorm>("instance_norm");
  layers.add<GroupNorm>("group_norm");
  layers.add<PixelNorm>("pixel_norm");
}

}  // namespace duel
