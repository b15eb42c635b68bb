// Layers made of lists of layers.
#include <fmt/format.h>

#include <algorithm>

#include "graph/op.hpp"
#include "plugins/layers/layers.hpp"
#include "registry/layer_list.hpp"

namespace duel {
namespace {

constexpr const char* shortcut_name = "shortcut";

// A list with weights below `name`, which is a row of its own in tables.
Tensor build_part(LayerContext& context, const std::string& name, std::span<const LayerSpec> layers,
                  const Tensor& input) {
  PartContext part(context, name);
  part.begin({"part", name, nullptr, {}, {}});
  const Tensor output = build_layers(part, layers, input);
  part.end(output);
  return output;
}

struct Residual final : Layer {
  std::vector<LayerSpec> layers;
  std::vector<LayerSpec> shortcut;

  static void declare(Declaration<Residual>& d) {
    d.help("the sum of what it is given and of what the layers make of it");
    d.reference("He et al., Deep residual learning (2015)");
    d.parameter("layers", &Residual::layers, "the layers; the first one's input is called `input`").required().main();
    d.parameter("shortcut", &Residual::shortcut,
                "layers that what is given passes on the way to the sum, where its shape must change");
  }

  std::string conflict() const {
    const auto clashes = [](const LayerSpec& layer) { return layer.name == shortcut_name; };
    return std::ranges::any_of(layers, clashes) ? "a layer within cannot be called 'shortcut'" : "";
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const Tensor y = build_layers(context, layers, x);
    const Tensor kept = shortcut.empty() ? x : build_part(context, shortcut_name, shortcut, x);
    if (kept.shape() != y.shape()) {
      throw ShapeError(fmt::format("residual: the layers give {}, the shortcut {}; both must have one shape",
                                   to_string(y.shape().without_first()), to_string(kept.shape().without_first())));
    }
    return kept + y;
  }
};

struct Repeat final : Layer {
  int64_t times = 0;
  std::vector<LayerSpec> layers;

  static void declare(Declaration<Repeat>& d) {
    d.help("the layers again and again, each time with weights of their own");
    d.parameter("times", &Repeat::times, "how often").required().min(1).max(1000);
    d.parameter("layers", &Repeat::layers, "the layers; the first one's input is called `input`").required();
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    Tensor y = inputs[0];
    for (int64_t i = 1; i <= times; ++i) y = build_part(context, std::to_string(i), layers, y);
    return y;
  }
};

}  // namespace

void add_nesting(KindRegistry<Layer>& layers) {
  layers.add<Residual>("residual");
  layers.add<Repeat>("repeat");
}

}  // namespace duel
