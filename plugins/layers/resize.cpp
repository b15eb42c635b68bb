// Layers that give images another size by filters without weights.
#include <fmt/format.h>

#include <numeric>

#include "ops/taps.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/padding.hpp"
#include "plugins/layers/support.hpp"

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

struct Upsample final : Layer {
  std::vector<int64_t> factor{2};
  std::string method = "nearest";
  double cubic_slope = -0.5;
  std::string edges = "renormalize";

  static void declare(Declaration<Upsample>& d) {
    d.help("images `factor` times as high and wide (Keras' UpSampling2D, PyTorch's Upsample)");
    d.parameter("factor", &Upsample::factor, "how many times larger: one number, or [height, width]").main().min(1);
    d.parameter("method", &Upsample::method, "how pixels between the given ones come about")
        .one_of({"nearest", "bilinear", "bicubic"});
    d.parameter("cubic_slope", &Upsample::cubic_slope, "of bicubic: the slope of its kernel at 1")
        .preset("-0.5", "-0.75")
        .min(-2)
        .max(0);
    d.parameter("edges", &Upsample::edges,
                "of bicubic: beyond the edges is nothing, and the pixels within count for more (renormalize), or the "
                "last pixel (repeat)")
        .one_of({"renormalize", "repeat"})
        .preset("renormalize", "repeat");
  }

  std::string conflict() const { return not_one_or_two("factor", factor); }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_image("upsample", inputs[0]);
    const Extent2 times = both_axes(factor);
    if (method == "nearest") return repeated(inputs[0], times);
    const Resizing how{.filter = filter_of(method),
                       .edge = edges == "repeat" ? FilterEdge::repeat : FilterEdge::renormalize,
                       .cubic_slope = cubic_slope};
    Tensor y = inputs[0];
    for (const int axis : {0, 1}) {
      const int64_t factor_here = times[static_cast<std::size_t>(axis)];
      if (factor_here == 1) continue;
      const int64_t extent = y.shape()[axis + 1];
      y = resample(y, axis + 1, resizing_taps(extent, extent * factor_here, how));
    }
    return y;
  }
};

struct Downsample final : Layer {
  std::vector<int64_t> factor{2};
  std::string method = "average";

  static void declare(Declaration<Downsample>& d) {
    d.help("images `factor` times less high and wide");
    d.parameter("factor", &Downsample::factor, "divides height and width: one number, or [height, width]")
        .main()
        .min(1);
    d.parameter("method", &Downsample::method,
                "average of the pixels that become one; bilinear or bicubic with the filter widened by the factor "
                "(antialiased); or strided: the upper left one of them")
        .one_of({"average", "bilinear", "bicubic", "strided"});
  }

  std::string conflict() const { return not_one_or_two("factor", factor); }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_image("downsample", inputs[0]);
    const Extent2 times = both_axes(factor);
    Tensor y = inputs[0];
    for (const int axis : {0, 1}) {
      const int64_t factor_here = times[static_cast<std::size_t>(axis)];
      const int64_t extent = y.shape()[axis + 1];
      if (extent % factor_here != 0) {
        throw ShapeError(fmt::format("downsample: {} of {} is no multiple of {}", axis == 0 ? "height" : "width",
                                     to_string(inputs[0].shape().without_first()), factor_here));
      }
      if (factor_here > 1) y = resample(y, axis + 1, taps(extent, factor_here));
    }
    return y;
  }

 private:
  Taps taps(int64_t extent, int64_t times) const {
    if (method == "average") return average_taps(extent, times, times, 0, 0, true);
    if (method == "strided") return strided_taps(extent, times);
    return resizing_taps(extent, extent / times, {.filter = filter_of(method), .antialias = true});
  }
};

struct Blur final : Layer {
  std::vector<double> taps{1, 2, 1};
  std::string border = "zero";
  std::vector<int64_t> stride{1};

  static void declare(Declaration<Blur>& d) {
    d.help("each channel filtered along height and width by the same fixed taps, which are divided by their sum");
    d.reference(
        "Karras, Laine and Aila, A style-based generator architecture (2018); Zhang, Making convolutional networks "
        "shift-invariant again (2019), with stride 2 and border reflect");
    d.parameter("taps", &Blur::taps, "weights of neighbouring pixels: [1, 2, 1], [1, 3, 3, 1], …").main();
    d.parameter("border", &Blur::border, "what is thought to lie beyond the edges")
        .one_of({"zero", "repeat", "reflect"});
    d.parameter("stride", &Blur::stride, "keep every so many rows and columns: one number, or [height, width]").min(1);
  }

  std::string conflict() const {
    if (!(total() > 0)) return "the taps of a blur add up to more than 0";
    return not_one_or_two("stride", stride);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_image("blur", inputs[0]);
    const Extent2 steps = both_axes(stride);
    const Border beyond = border == "zero" ? Border::zero : border == "repeat" ? Border::repeat : Border::reflect;
    Tensor y = inputs[0];
    for (const int axis : {0, 1}) {
      const int64_t extent = y.shape()[axis + 1];
      if (beyond == Border::reflect && static_cast<int64_t>(taps.size()) / 2 >= extent) {
        throw ShapeError(fmt::format("blur: {} taps reach too far for a reflection of {}", taps.size(),
                                     to_string(inputs[0].shape().without_first())));
      }
      y = resample(y, axis + 1, filter_taps(extent, normalized(), steps[static_cast<std::size_t>(axis)], beyond));
    }
    return y;
  }

 private:
  double total() const { return std::accumulate(taps.begin(), taps.end(), 0.0); }

  std::vector<double> normalized() const {
    const double whole = total();
    std::vector<double> out;
    for (const double tap : taps) out.push_back(tap / whole);
    return out;
  }
};

}  // namespace

void add_resize(KindRegistry<Layer>& layers) {
  layers.add<Upsample>("upsample");
  layers.add<Downsample>("downsample");
  layers.add<Blur>("blur");
}

}  // namespace duel
