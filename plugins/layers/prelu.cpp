#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Prelu final : Layer {
  std::string slopes = "element";
  std::shared_ptr<const Initializer> slope_initializer;

  static void declare(Declaration<Prelu>& d) {
    d.help("max(x, 0) + slope·min(x, 0) with trained slopes");
    d.reference("He et al., Delving deep into rectifiers (2015)");
    d.parameter("slopes", &Prelu::slopes, "one slope for each element, for each channel (the last axis), or one in all")
        .one_of({"element", "channel", "one"})
        .main()
        .preset("element", "one");
    d.parameter("slope_initializer", &Prelu::slope_initializer, "what the slopes start with")
        .preset("zeros", "{constant: 0.25}");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (slopes != "one") require_features("prelu", x);
    const Shape shape = slopes == "element"   ? x.shape().without_first()
                        : slopes == "channel" ? Shape{x.shape()[-1]}
                                              : Shape{1};
    const Tensor slope = context.weight("slope", shape, slope_initializer, fans_of(shape));
    return positive_part(x) + negative_part(x) * slope;
  }
};

}  // namespace

void add_prelu(KindRegistry<Layer>& layers) { layers.add<Prelu>("prelu"); }

}  // namespace duel
