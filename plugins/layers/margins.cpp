// Layers that add rows and columns around images, or take them away.
#include <fmt/format.h>

#include "ops/taps.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/padding.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Sides {
  std::array<int64_t, 2> before{};  // rows above, columns left
  std::array<int64_t, 2> after{};   // rows below, columns right
};

struct Margin : Layer {
  std::vector<int64_t> size;

  template <class Component>
  static void declare_size(Declaration<Component>& d) {
    d.parameter("size", &Margin::size, "rows and columns: one number, [height, width], or [top, bottom, left, right]")
        .required()
        .main()
        .min(0);
  }

  std::string conflict() const {
    if (sides_of(size)) return "";
    return fmt::format("size has {} numbers: give one, [height, width], or [top, bottom, left, right]", size.size());
  }

 protected:
  Sides sides() const {
    const auto [top, bottom, left, right] = sides_of(size).value();
    return {{top, left}, {bottom, right}};
  }
};

struct ZeroPad final : Margin {
  static void declare(Declaration<ZeroPad>& d) {
    d.help("zeros around images");
    declare_size(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_image("zero_pad", inputs[0]);
    const Sides more = sides();
    return pad(inputs[0], std::array<int64_t, 4>{0, more.before[0], more.before[1], 0},
               std::array<int64_t, 4>{0, more.after[0], more.after[1], 0});
  }
};

struct ReflectPad final : Margin {
  static void declare(Declaration<ReflectPad>& d) {
    d.help("images reflected at their edges; the pixels at the edge are not repeated");
    declare_size(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_image("reflect_pad", inputs[0]);
    const Sides more = sides();
    Tensor y = inputs[0];
    for (const std::size_t axis : {0, 1}) {
      const int at = static_cast<int>(axis) + 1;
      const int64_t extent = y.shape()[at];
      if (std::max(more.before[axis], more.after[axis]) >= extent) {
        throw ShapeError(fmt::format("reflect_pad: {} {} leave nothing to reflect of {}",
                                     std::max(more.before[axis], more.after[axis]), axis == 0 ? "rows" : "columns",
                                     to_string(inputs[0].shape().without_first())));
      }
      if (more.before[axis] + more.after[axis] == 0) continue;
      y = resample(y, at, border_taps(extent, more.before[axis], more.after[axis], Border::reflect));
    }
    return y;
  }
};

struct Crop final : Margin {
  static void declare(Declaration<Crop>& d) {
    d.help("images without rows and columns at their edges");
    declare_size(d);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("crop", x);
    const Sides less = sides();
    const int64_t bottom = x.shape()[1] - less.after[0];
    const int64_t right = x.shape()[2] - less.after[1];
    if (less.before[0] >= bottom || less.before[1] >= right) {
      throw ShapeError(
          fmt::format("crop: [{}] leaves nothing of {}", fmt::join(size, ", "), to_string(x.shape().without_first())));
    }
    return slice(x, std::array<int64_t, 4>{0, less.before[0], less.before[1], 0},
                 std::array<int64_t, 4>{x.shape()[0], bottom, right, x.shape()[3]});
  }
};

}  // namespace

void add_margins(KindRegistry<Layer>& layers) {
  layers.add<ZeroPad>("zero_pad");
  layers.add<ReflectPad>("reflect_pad");
  layers.add<Crop>("crop");
}

}  // namespace duel
