// Convolutions, and their adjoints as layers. Images are [height, width, channels].
#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/padding.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// The parameters of every layer with a window.
struct Windowed : Layer {
  std::vector<int64_t> kernel;
  std::vector<int64_t> stride{1};
  std::vector<int64_t> dilation{1};
  Padding padding;
  bool bias = true;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  template <class Component>
  static void declare_window(Declaration<Component>& d) {
    d.parameter("kernel", &Windowed::kernel, "extent of the window, or [height, width]").required().min(1);
    d.parameter("stride", &Windowed::stride, "step of the window, or [height, width]").min(1);
    d.parameter("dilation", &Windowed::dilation, "distance between taps of the window, or [height, width]").min(1);
    d.parameter(
         "padding", &Windowed::padding,
         "zeros around the image: same (as many positions as pixels by stride), valid (none), a number, or [top, "
         "bottom, left, right]")
        .min(0);
    d.parameter("bias", &Windowed::bias, "add a number to each channel");
    d.parameter("kernel_initializer", &Windowed::kernel_initializer, "what the weights start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &Windowed::bias_initializer, "what the bias starts with")
        .preset("zeros", "uniform_fan_in");
  }

  std::string conflict() const {
    for (const auto& [name, values] : {std::pair{"kernel", &kernel}, {"stride", &stride}, {"dilation", &dilation}}) {
      if (const std::string wrong = not_one_or_two(name, *values); !wrong.empty()) return wrong;
    }
    return "";
  }

 protected:
  // How the window slides over an image of that size.
  Convolution over(const Extent2& size, int64_t groups) const {
    const Extent2 window = both_axes(kernel);
    Convolution how{
        .stride = both_axes(stride), .dilation = both_axes(dilation), .before = {}, .after = {}, .groups = groups};
    for (const std::size_t axis : {0, 1}) {
      const auto sides =
          padding.along(static_cast<int>(axis), size[axis], window[axis], how.stride[axis], how.dilation[axis]);
      how.before[axis] = sides[0];
      how.after[axis] = sides[1];
    }
    return how;
  }

  Tensor with_bias(LayerContext& context, const Tensor& y, const Fans& fans) const {
    return bias ? y + context.weight("bias", {y.shape()[-1]}, bias_initializer, fans) : y;
  }

  static Extent2 size_of(const Tensor& image) { return {image.shape()[1], image.shape()[2]}; }
};

struct Conv2d final : Windowed {
  int64_t filters = 0;
  int64_t groups = 1;

  static void declare(Declaration<Conv2d>& d) {
    d.help("a window slides over the image; each position gives `filters` weighted sums of what lies in it");
    d.parameter("filters", &Conv2d::filters, "channels of the output").required().main().min(1);
    declare_window(d);
    d.parameter("groups", &Conv2d::groups, "channels and filters are cut into that many parts which do not meet")
        .min(1);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("conv2d", x);
    const Extent2 window = both_axes(kernel);
    if (x.shape()[-1] % groups != 0) {
      throw ShapeError(fmt::format("conv2d: {} channels cannot be cut into {} groups", x.shape()[-1], groups));
    }
    const Shape shape{window[0], window[1], x.shape()[-1] / groups, filters};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans_of(shape), WeightAxes::kernel);
    return with_bias(context, conv2d(x, weight, over(size_of(x), groups)), fans_of(shape));
  }
};

struct Conv2dTranspose final : Windowed {
  int64_t filters = 0;
  int64_t groups = 1;
  std::vector<int64_t> output_padding{0};

  static void declare(Declaration<Conv2dTranspose>& d) {
    d.help("the adjoint of conv2d: each pixel adds a weighted window to the output, `stride` apart");
    d.parameter("filters", &Conv2dTranspose::filters, "channels of the output").required().main().min(1);
    declare_window(d);
    d.parameter("groups", &Conv2dTranspose::groups,
                "channels and filters are cut into that many parts which do not meet")
        .min(1);
    d.parameter("output_padding", &Conv2dTranspose::output_padding,
                "rows and columns more, below and right, where padding is not same")
        .min(0);
  }

  std::string conflict() const {
    if (const std::string wrong = not_one_or_two("output_padding", output_padding); !wrong.empty()) return wrong;
    return Windowed::conflict();
  }

  int output_axis() const override { return 2; }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("conv2d_transpose", x);
    if (filters % groups != 0) {
      throw ShapeError(fmt::format("conv2d_transpose: {} filters cannot be cut into {} groups", filters, groups));
    }
    const Extent2 window = both_axes(kernel);
    const Shape shape{window[0], window[1], filters / groups, x.shape()[-1]};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans_of(shape), WeightAxes::kernel);
    const Extent2 size = output_size(size_of(x));
    return with_bias(context, conv2d_input_gradient(x, weight, size, over(size, groups)), fans_of(shape));
  }

 private:
  // The size of an image over which the same window, sliding forward, has as many positions as x has pixels.
  Extent2 output_size(const Extent2& pixels) const {
    const Extent2 window = both_axes(kernel), step = both_axes(stride), apart = both_axes(dilation),
                  more = both_axes(output_padding);
    Extent2 size{};
    for (const std::size_t axis : {0, 1}) {
      if (padding.kind == Padding::Kind::same) {
        size[axis] = pixels[axis] * step[axis];
      } else {
        const auto sides = padding.along(static_cast<int>(axis), 0, window[axis], step[axis], apart[axis]);
        size[axis] =
            (pixels[axis] - 1) * step[axis] + apart[axis] * (window[axis] - 1) + 1 - sides[0] - sides[1] + more[axis];
      }
      if (size[axis] >= 1) continue;
      throw ShapeError(fmt::format("conv2d_transpose: {}×{} pixels with padding {} leave nothing", pixels[0], pixels[1],
                                   ParameterType<Padding>::print(padding)));
    }
    return size;
  }
};

struct DepthwiseConv2d final : Windowed {
  int64_t multiplier = 1;

  static void declare(Declaration<DepthwiseConv2d>& d) {
    d.help("a convolution of each channel on its own");
    declare_window(d);
    d.parameter("multiplier", &DepthwiseConv2d::multiplier, "channels of the output for each of the input").min(1);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("depthwise_conv2d", x);
    const int64_t channels = x.shape()[-1];
    const Extent2 window = both_axes(kernel);
    const Shape shape{window[0], window[1], 1, channels * multiplier};
    const Fans fans{window[0] * window[1], window[0] * window[1] * multiplier};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans, WeightAxes::kernel);
    return with_bias(context, conv2d(x, weight, over(size_of(x), channels)), fans);
  }
};

struct SeparableConv2d final : Windowed {
  int64_t filters = 0;
  int64_t multiplier = 1;

  static void declare(Declaration<SeparableConv2d>& d) {
    d.help("a convolution of each channel on its own, then one that mixes the channels of a pixel");
    d.reference("Chollet, Xception (2017)");
    d.parameter("filters", &SeparableConv2d::filters, "channels of the output").required().main().min(1);
    declare_window(d);
    d.parameter("multiplier", &SeparableConv2d::multiplier, "channels between the two for each of the input").min(1);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("separable_conv2d", x);
    const int64_t channels = x.shape()[-1], between = channels * multiplier;
    const Extent2 window = both_axes(kernel);
    const int64_t taps = window[0] * window[1];
    const Tensor apart = context.weight("depthwise_weight", {window[0], window[1], 1, between}, kernel_initializer,
                                        {taps, taps * multiplier}, WeightAxes::kernel);
    const Shape pointwise{1, 1, between, filters};
    const Tensor mix = context.weight("weight", pointwise, kernel_initializer, fans_of(pointwise), WeightAxes::kernel);
    const Tensor y = conv2d(conv2d(x, apart, over(size_of(x), channels)), mix);
    return with_bias(context, y, fans_of(pointwise));
  }
};

// Sequences are images of one row.
struct Conv1d final : Windowed {
  int64_t filters = 0;

  static void declare(Declaration<Conv1d>& d) {
    d.help("a window slides over a sequence [steps, channels]");
    d.parameter("filters", &Conv1d::filters, "channels of the output").required().main().min(1);
    declare_window(d);
  }

  std::string conflict() const {
    for (const auto& [name, values] : {std::pair{"kernel", &kernel}, {"stride", &stride}, {"dilation", &dilation}}) {
      if (values->size() != 1) return fmt::format("{} takes one number for a sequence", name);
    }
    if (padding.sides[0] != padding.sides[2] || padding.sides[1] != padding.sides[3]) {
      return "padding of a sequence is same, valid or one number";
    }
    return "";
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (x.rank() != 3) {
      throw ShapeError(
          fmt::format("conv1d: takes sequences [steps, channels], not {}", to_string(x.shape().without_first())));
    }
    const int64_t batch = x.shape()[0], steps = x.shape()[1], channels = x.shape()[2];
    const Shape shape{kernel[0], channels, filters};
    const Fans fans{kernel[0] * channels, kernel[0] * filters};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans, WeightAxes::kernel);
    const auto sides = padding.along(1, steps, kernel[0], stride[0], dilation[0]);
    const Convolution how{
        .stride = {1, stride[0]}, .dilation = {1, dilation[0]}, .before = {0, sides[0]}, .after = {0, sides[1]}};
    const Tensor y =
        conv2d(reshape(x, {batch, 1, steps, channels}), reshape(weight, {1, kernel[0], channels, filters}), how);
    return with_bias(context, reshape(y, {batch, y.shape()[2], filters}), fans);
  }
};

}  // namespace

void add_convolution(KindRegistry<Layer>& layers) {
  layers.add<Conv1d>("conv1d");
  layers.add<Conv2d>("conv2d");
  layers.add<Conv2dTranspose>("conv2d_transpose");
  layers.add<DepthwiseConv2d>("depthwise_conv2d");
  layers.add<SeparableConv2d>("separable_conv2d");
}

}  // namespace duel
