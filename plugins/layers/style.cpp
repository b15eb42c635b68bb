// What the synthesis network of a style-based generator is made of.
#include <fmt/format.h>

#include <optional>

#include "plugins/layers/condition.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/padding.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct LearnedConstant final : Layer {
  std::vector<int64_t> shape;
  std::shared_ptr<const Initializer> initializer;

  static void declare(Declaration<LearnedConstant>& d) {
    d.help("a trained tensor, the same for each example; of its input only the number of rows counts");
    d.reference("Karras et al., A style-based generator architecture for GANs (2019), section 2");
    d.parameter("shape", &LearnedConstant::shape, "shape without the batch").required().main().min(1);
    d.parameter("initializer", &LearnedConstant::initializer, "what it starts with").default_value("{normal: 1}");
  }

  std::string conflict() const {
    if (std::ssize(shape) >= Shape::max_rank) return fmt::format("a shape has at most {} axes", Shape::max_rank - 1);
    return "";
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    Shape one;
    for (const int64_t extent : shape) one.push_back(extent);
    const Tensor value = context.weight("weight", one, initializer, fans_of(one));
    return broadcast(reshape(value, one.prepend(1)), one.prepend(inputs[0].shape()[0]));
  }
};

struct NoiseInjection final : Layer {
  std::shared_ptr<const Initializer> initializer;

  static void declare(Declaration<NoiseInjection>& d) {
    d.help("adds normal noise, one number a pixel for all channels, times a trained factor; in inference, too");
    d.reference(
        "Karras et al., A style-based generator architecture for GANs (2019), section 2; one factor: Analyzing and "
        "improving the image quality of StyleGAN (2020), appendix B");
    d.parameter("initializer", &NoiseInjection::initializer, "what the factor starts with").default_value("zeros");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("noise_injection", x);
    const Tensor noise = random_normal(context.graph(), context.random("noise"), with_last(x.shape(), 1));
    return x + noise * context.weight("weight", {}, initializer, Fans{1, 1});
  }
};

struct ModulatedConv2d final : Layer {
  int64_t filters = 0;
  std::vector<int64_t> kernel{3};
  Padding padding;
  bool demodulate = true;
  double epsilon = 1e-8;
  std::optional<int64_t> style;
  bool bias = true;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  static void declare(Declaration<ModulatedConv2d>& d) {
    d.help(
        "a convolution whose weights are scaled, for each example and input channel, by a style made of a vector w, "
        "and "
        "then, for each example and filter, to length 1; from: [x, w]");
    d.reference("Karras et al., Analyzing and improving the image quality of StyleGAN (2020), section 2.2");
    d.parameter("filters", &ModulatedConv2d::filters, "channels of the output").required().main().min(1);
    d.parameter("kernel", &ModulatedConv2d::kernel, "extent of the window, or [height, width]").min(1);
    d.parameter("padding", &ModulatedConv2d::padding,
                "zeros around the image: same (as many positions as pixels), valid (none), a number, or [top, bottom, "
                "left, right]")
        .default_value("same")
        .min(0);
    d.parameter("demodulate", &ModulatedConv2d::demodulate, "scale the weights of each filter to length 1");
    d.parameter("epsilon", &ModulatedConv2d::epsilon, "added to the square of that length").above(0);
    d.parameter("style", &ModulatedConv2d::style,
                "w has several styles, [styles, n] (functions styles, mix_styles): this one, counted from 0")
        .min(0);
    d.parameter("bias", &ModulatedConv2d::bias, "add a number to each channel");
    d.parameter("kernel_initializer", &ModulatedConv2d::kernel_initializer,
                "what the weights start with, and those that make the style of w")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &ModulatedConv2d::bias_initializer, "what the bias starts with")
        .default_value("zeros");
  }

  std::string conflict() const { return not_one_or_two("kernel", kernel); }
  std::vector<std::string> input_names() const override { return {"x", "w"}; }

  // Scaling what goes in and what comes out does the same as scaling the weights, which one convolution for the whole
  // batch can share.
  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("modulated_conv2d", x);
    const int64_t batch = x.shape()[0], channels = x.shape()[-1];
    const Extent2 window = both_axes(kernel);
    const Shape shape{window[0], window[1], channels, filters};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans_of(shape), WeightAxes::kernel);
    const Tensor scale = scales(context, inputs[1], channels);
    Tensor y = conv2d(x * reshape(scale, {batch, 1, 1, channels}), weight, over(x));
    if (demodulate) {
      const int64_t taps[] = {0, 1};
      const Tensor lengths = matmul(square(scale), sum(square(weight), taps));
      y = y * reshape(rsqrt(lengths + epsilon), {batch, 1, 1, filters});
    }
    return bias ? y + context.weight("bias", {filters}, bias_initializer, fans_of(shape)) : y;
  }

 private:
  // [batch, channels]: an affine map of the style, which is 1 where w is 0 at first.
  Tensor scales(LayerContext& context, const Tensor& w, int64_t channels) const {
    return 1 + affine_map(context, "style", chosen(w), channels, kernel_initializer, bias_initializer);
  }

  Tensor chosen(const Tensor& w) const {
    if (!style) {
      if (w.rank() == 3) {
        throw ShapeError(fmt::format("modulated_conv2d: w has {} styles; say which by `style`", w.shape()[1]));
      }
      require_condition_vector("modulated_conv2d", w);
      return w;
    }
    if (w.rank() != 3 || *style >= w.shape()[1]) {
      throw ShapeError(fmt::format("modulated_conv2d: style {} is asked for of {}; w is [styles, n]", *style,
                                   to_string(w.shape().without_first())));
    }
    return reshape(slice(w, 1, *style, *style + 1), {w.shape()[0], w.shape()[2]});
  }

  Convolution over(const Tensor& x) const {
    const Extent2 window = both_axes(kernel);
    Convolution how;
    for (const std::size_t axis : {0, 1}) {
      const auto sides =
          padding.along(static_cast<int>(axis), x.shape()[1 + static_cast<int>(axis)], window[axis], 1, 1);
      how.before[axis] = sides[0];
      how.after[axis] = sides[1];
    }
    return how;
  }
};

}  // namespace

void add_style(KindRegistry<Layer>& layers) {
  layers.add<LearnedConstant>("learned_constant");
  layers.add<NoiseInjection>("noise_injection");
  layers.add<ModulatedConv2d>("modulated_conv2d");
}

}  // namespace duel
