// Layers that give the same numbers another shape.
#include <fmt/format.h>

#include <algorithm>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Reshape final : Layer {
  std::vector<int64_t> shape;

  static void declare(Declaration<Reshape>& d) {
    d.help("the same numbers in row-major order under another shape");
    d.parameter("shape", &Reshape::shape, "the new shape without the batch; one extent may be −1: what remains")
        .required()
        .main()
        .min(-1);
  }

  std::string conflict() const {
    if (std::ranges::count(shape, -1) > 1) return "only one extent of a shape can be -1";
    if (std::ranges::count(shape, 0) > 0) return "an extent of a shape cannot be 0";
    if (std::ssize(shape) >= Shape::max_rank) return fmt::format("a shape has at most {} axes", Shape::max_rank - 1);
    return "";
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const Shape target = resolved(x.shape().without_first()).prepend(x.shape()[0]);
    return duel::reshape(x, target);
  }

 private:
  Shape resolved(const Shape& before) const {
    Shape after;
    for (const int64_t extent : shape) after.push_back(std::abs(extent));
    const auto known = after.checked_elements();
    const auto open = std::ranges::find(shape, -1);
    if (open != shape.end() && known && before.elements() % *known == 0) {
      after[static_cast<int>(open - shape.begin())] = before.elements() / *known;
    }
    if (after.checked_elements() == before.elements()) return after;
    throw ShapeError(fmt::format("reshape: the {} numbers of {} cannot be arranged as [{}]", before.elements(),
                                 to_string(before), fmt::join(shape, ", ")));
  }
};

struct Flatten final : Layer {
  static void declare(Declaration<Flatten>& d) { d.help("all axes but the batch as one, row-major"); }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Shape& shape = inputs[0].shape();
    return reshape(inputs[0], {shape[0], shape.without_first().elements()});
  }
};

struct Slice final : Layer {
  int64_t start = 0;
  int64_t size = 0;
  int64_t axis = -1;

  static void declare(Declaration<Slice>& d) {
    d.help("a part of an axis: `size` elements from `start` on, such as one layer's share of a latent vector");
    d.parameter("size", &Slice::size, "how many elements").required().main().min(1);
    d.parameter("start", &Slice::start, "the first of them; 0 is the axis' first").min(0);
    d.parameter("axis", &Slice::axis, "1 is the first axis after the batch, -1 the last");
  }

  std::string conflict() const { return axis == 0 ? "axis 0 is the batch, which cannot be cut" : ""; }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const int64_t index = axis < 0 ? axis + x.rank() : axis;
    if (index < 1 || index >= x.rank()) {
      throw ShapeError(fmt::format("slice: {} has no axis {} besides the batch", to_string(x.shape()), axis));
    }
    const int64_t extent = x.shape()[static_cast<int>(index)];
    if (start + size > extent) {
      throw ShapeError(
          fmt::format("slice: elements {} … {} are asked for of an axis of {}", start, start + size - 1, extent));
    }
    return duel::slice(x, static_cast<int>(index), start, start + size);
  }
};

}  // namespace

void add_shapes(KindRegistry<Layer>& layers) {
  layers.add<Reshape>("reshape");
  layers.add<Flatten>("flatten");
  layers.add<Slice>("slice");
}

}  // namespace duel
