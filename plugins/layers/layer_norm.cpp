#include "plugins/layers/layers.hpp"
#include "plugins/layers/normalization.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct LayerNorm final : Normalization {
  std::string axes = "last";

  static void declare(Declaration<LayerNorm>& d) {
    d.help("each row of the batch to mean 0 and variance 1, then gamma·x + beta");
    d.reference("Ba, Kiros and Hinton, Layer normalization (2016)");
    d.parameter("axes", &LayerNorm::axes, "normalise over the last axis, or over all but the batch")
        .one_of({"last", "all"})
        .main();
    declare_normalization(d);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("layer_norm", x);
    const auto over = axes == "all" ? all_but_first(x.shape()) : std::vector<int64_t>{-1};
    const Tensor centred = x - mean(x, over, true);
    const Tensor variance = mean(square(centred), over, true);
    return normalize(context, centred, variance, axes == "all" ? x.shape().without_first() : Shape{x.shape()[-1]});
  }
};

}  // namespace

void add_layer_norm(KindRegistry<Layer>& layers) { layers.add<LayerNorm>("layer_norm"); }

}  // namespace duel
