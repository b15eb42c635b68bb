#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct SelfAttention final : Layer {
  int64_t reduction = 8;
  int64_t value_reduction = 2;
  bool pool = true;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> gain_initializer;

  static void declare(Declaration<SelfAttention>& d) {
    d.help("x + gain·(what each pixel gathers from all others), the gain being trained from 0");
    d.reference("Zhang et al., Self-attention generative adversarial networks (2018)");
    d.parameter("reduction", &SelfAttention::reduction, "queries and keys have channels / reduction").min(1);
    d.parameter("value_reduction", &SelfAttention::value_reduction, "values have channels / value_reduction").min(1);
    d.parameter("pool", &SelfAttention::pool,
                "keys and values are max-pooled 2×2, as in the authors' code; height and width are then even");
    d.parameter("kernel_initializer", &SelfAttention::kernel_initializer, "what the 1×1 convolutions start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("gain_initializer", &SelfAttention::gain_initializer, "what the gain starts with")
        .default_value("zeros");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_image("self_attention", x);
    const int64_t channels = x.shape()[3];
    require_parts(channels, reduction);
    require_parts(channels, value_reduction);
    if (pool && (x.shape()[1] % 2 != 0 || x.shape()[2] % 2 != 0)) {
      throw ShapeError(fmt::format("self_attention: height and width of {} are not even, which `pool` needs",
                                   to_string(x.shape().without_first())));
    }
    const Tensor queries = pixels(pointwise(context, "query", x, channels / reduction));
    const Tensor keys = pixels(pooled(pointwise(context, "key", x, channels / reduction)));
    const Tensor values = pixels(pooled(pointwise(context, "value", x, channels / value_reduction)));
    const Tensor attention = softmax(matmul(queries, keys, false, true));  // [batch, to, from]
    const Shape gathered = with_last(x.shape(), channels / value_reduction);
    const Tensor output = pointwise(context, "output", reshape(matmul(attention, values), gathered), channels);
    const Tensor gain = context.weight("gain", {}, gain_initializer, {});
    return x + output * gain;
  }

 private:
  static void require_parts(int64_t channels, int64_t parts) {
    if (channels % parts == 0) return;
    throw ShapeError(fmt::format("self_attention: {} channels are no multiple of {}", channels, parts));
  }

  // A 1×1 convolution without bias.
  Tensor pointwise(LayerContext& context, const std::string& name, const Tensor& images, int64_t outputs) const {
    const Shape& shape = images.shape();
    const Shape kernel{shape[3], outputs};
    const Tensor weight =
        context.weight(name + "/weight", kernel, kernel_initializer, fans_of(kernel), WeightAxes::kernel);
    return reshape(matmul(reshape(images, {shape[0] * shape[1] * shape[2], shape[3]}), weight),
                   with_last(shape, outputs));
  }

  Tensor pooled(const Tensor& images) const { return pool ? max_pool(images, {}) : images; }

  static Tensor pixels(const Tensor& images) {
    const Shape& shape = images.shape();
    return reshape(images, {shape[0], shape[1] * shape[2], shape[3]});
  }
};

}  // namespace

void add_self_attention(KindRegistry<Layer>& layers) { layers.add<SelfAttention>("self_attention"); }

}  // namespace duel
