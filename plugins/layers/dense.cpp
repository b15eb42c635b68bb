#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Dense final : Layer {
  int64_t units = 0;
  bool bias = true;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  static void declare(Declaration<Dense>& d) {
    d.help("x·W + b on the last axis");
    d.parameter("units", &Dense::units, "extent of the output's last axis").required().main().min(1);
    d.parameter("bias", &Dense::bias, "add b");
    d.parameter("kernel_initializer", &Dense::kernel_initializer, "what W starts with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &Dense::bias_initializer, "what b starts with").preset("zeros", "uniform_fan_in");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("dense", x);
    const int64_t features = x.shape()[-1];
    const Shape kernel_shape{features, units};
    const Fans fans = fans_of(kernel_shape);
    const Tensor kernel = context.weight("weight", kernel_shape, kernel_initializer, fans, WeightAxes::kernel);

    Tensor rows = x;
    if (x.rank() > 2) rows = reshape(x, {x.shape().without(x.rank() - 1).elements(), features});
    Tensor y = matmul(rows, kernel);
    if (bias) y = y + context.weight("bias", {units}, bias_initializer, fans);
    return reshape(y, with_last(x.shape(), units));
  }
};

}  // namespace

void add_dense(KindRegistry<Layer>& layers) { layers.add<Dense>("dense"); }

}  // namespace duel
