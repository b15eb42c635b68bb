// What summarises the pixels of a window, or of the whole image, in each channel.
#include <fmt/format.h>

#include "ops/taps.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/padding.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct WindowPool : Layer {
  std::vector<int64_t> size{2};
  std::vector<int64_t> stride;
  Padding padding;

  template <class Component>
  static void declare_window(Declaration<Component>& d) {
    d.parameter("size", &WindowPool::size, "extent of the window: one number, or [height, width]").main().min(1);
    d.parameter("stride", &WindowPool::stride, "step of the window, one number or [height, width]; without it, `size`")
        .min(1);
    d.parameter("padding", &WindowPool::padding,
                "around the image: same (as many positions as pixels by stride), valid (none), a number, or [top, "
                "bottom, left, right]; less than the window")
        .min(0);
  }

  std::string conflict() const {
    if (const std::string wrong = not_one_or_two("size", size); !wrong.empty()) return wrong;
    return stride.empty() ? "" : not_one_or_two("stride", stride);
  }

 protected:
  // The window over that image; throws ShapeError where it has no place in it.
  Pooling over(std::string_view layer, const Tensor& images) const {
    require_image(layer, images);
    Pooling how{.kernel = both_axes(size), .stride = both_axes(stride.empty() ? size : stride)};
    for (const std::size_t axis : {0, 1}) {
      const int64_t extent = images.shape()[static_cast<int>(axis) + 1];
      const auto [before, after] = padding.along(static_cast<int>(axis), extent, how.kernel[axis], how.stride[axis], 1);
      const bool fits = before < how.kernel[axis] && after < how.kernel[axis] &&
                        positions(extent, how.kernel[axis], how.stride[axis], 1, before, after) >= 1;
      if (!fits) {
        throw ShapeError(fmt::format("{}: a window of {}×{} with padding {} has no place in {}", layer, how.kernel[0],
                                     how.kernel[1], ParameterType<Padding>::print(padding),
                                     to_string(images.shape().without_first())));
      }
      how.before[axis] = before;
      how.after[axis] = after;
    }
    return how;
  }
};

struct MaxPool final : WindowPool {
  static void declare(Declaration<MaxPool>& d) {
    d.help("the greatest of the pixels in each position of a window, in each channel; padding is never taken");
    declare_window(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    return max_pool(inputs[0], over("max_pool", inputs[0]));
  }
};

struct AveragePool final : WindowPool {
  bool count_padding = false;

  static void declare(Declaration<AveragePool>& d) {
    d.help("the mean of the pixels in each position of a window, in each channel");
    declare_window(d);
    d.parameter("count_padding", &AveragePool::count_padding, "padding counts as pixels of 0, else not at all")
        .preset("false", "true");
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Pooling how = over("average_pool", inputs[0]);
    Tensor y = inputs[0];
    for (const std::size_t axis : {0, 1}) {
      const int at = static_cast<int>(axis) + 1;
      y = resample(y, at,
                   average_taps(y.shape()[at], how.kernel[axis], how.stride[axis], how.before[axis], how.after[axis],
                                count_padding));
    }
    return y;
  }
};

struct GlobalPool final : Layer {
  std::string method = "average";
  bool keep = false;

  static void declare(Declaration<GlobalPool>& d) {
    d.help("one number a channel: over all axes but the batch and the last");
    d.parameter("method", &GlobalPool::method, "the mean, or the greatest").one_of({"average", "max"}).main();
    d.parameter("keep", &GlobalPool::keep, "keep the axes, with an extent of 1");
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const std::vector<int64_t> axes = axes_between("global_pool", x.shape());
    return method == "average" ? mean(x, axes, keep) : max(x, axes, keep);
  }
};

}  // namespace

void add_pooling(KindRegistry<Layer>& layers) {
  layers.add<MaxPool>("max_pool");
  layers.add<AveragePool>("average_pool");
  layers.add<GlobalPool>("global_pool");
}

}  // namespace duel
