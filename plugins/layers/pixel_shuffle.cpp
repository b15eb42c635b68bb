#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Shuffle : Layer {
  int64_t factor = 2;
  std::string order = "block";

  template <class Component>
  static void declare_shuffle(Declaration<Component>& d) {
    d.reference("Shi et al., Real-time single image and video super-resolution (2016)");
    d.parameter("factor", &Shuffle::factor, "height and width of a block").main().min(1);
    d.parameter("order", &Shuffle::order,
                "which of the many channels make a pixel of the block: neighbouring ones (block: TensorFlow's "
                "depth_to_space), or for each channel all pixels (channel: PyTorch's)")
        .one_of({"block", "channel"})
        .preset("block", "channel");
  }

 protected:
  bool by_channel() const { return order == "channel"; }
};

struct PixelShuffle final : Shuffle {
  static void declare(Declaration<PixelShuffle>& d) {
    d.help("factor² channels become a block of pixels: [h, w, c·factor²] to [h·factor, w·factor, c]");
    declare_shuffle(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("pixel_shuffle", x);
    const Shape& shape = x.shape();
    if (shape[3] % (factor * factor) != 0) {
      throw ShapeError(fmt::format("pixel_shuffle: {} channels of {} are no multiple of {}", shape[3],
                                   to_string(shape.without_first()), factor * factor));
    }
    const int64_t channels = shape[3] / (factor * factor);
    using Order = std::array<int64_t, 6>;
    const Tensor apart = reshape(x, by_channel() ? Shape{shape[0], shape[1], shape[2], channels, factor, factor}
                                                 : Shape{shape[0], shape[1], shape[2], factor, factor, channels});
    const Tensor arranged = permute(apart, by_channel() ? Order{0, 1, 4, 2, 5, 3} : Order{0, 1, 3, 2, 4, 5});
    return reshape(arranged, {shape[0], shape[1] * factor, shape[2] * factor, channels});
  }
};

struct PixelUnshuffle final : Shuffle {
  static void declare(Declaration<PixelUnshuffle>& d) {
    d.help(
        "blocks of pixels become channels, the inverse of pixel_shuffle: [h, w, c] to [h/factor, w/factor, "
        "c·factor²]");
    declare_shuffle(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("pixel_unshuffle", x);
    const Shape& shape = x.shape();
    if (shape[1] % factor != 0 || shape[2] % factor != 0) {
      throw ShapeError(fmt::format("pixel_unshuffle: height and width of {} are no multiples of {}",
                                   to_string(shape.without_first()), factor));
    }
    const int64_t rows = shape[1] / factor;
    const int64_t columns = shape[2] / factor;
    using Order = std::array<int64_t, 6>;
    const Tensor apart = reshape(x, {shape[0], rows, factor, columns, factor, shape[3]});
    const Tensor arranged = permute(apart, by_channel() ? Order{0, 1, 3, 5, 2, 4} : Order{0, 1, 3, 2, 4, 5});
    return reshape(arranged, {shape[0], rows, columns, shape[3] * factor * factor});
  }
};

}  // namespace

void add_pixel_shuffle(KindRegistry<Layer>& layers) {
  layers.add<PixelShuffle>("pixel_shuffle");
  layers.add<PixelUnshuffle>("pixel_unshuffle");
}

}  // namespace duel
