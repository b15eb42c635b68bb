// The output of a discriminator that is told a class.
#include <fmt/format.h>

#include <optional>

#include "plugins/layers/condition.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Projection final : Layer {
  std::optional<int64_t> classes;
  bool bias = true;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  static void declare(Declaration<Projection>& d) {
    d.help(
        "one number an example: features·w + b, plus the features' product with a vector of the class (or with y·V of "
        "a vector y); from: [features, condition]");
    d.reference("Miyato and Koyama, cGANs with projection discriminator (2018), equation 3");
    d.parameter("classes", &Projection::classes,
                "the condition is whole numbers 0 … classes−1, one an example; without it, a vector an example")
        .main()
        .min(1);
    d.parameter("bias", &Projection::bias, "add b");
    d.parameter("kernel_initializer", &Projection::kernel_initializer,
                "what w and the vectors of the classes start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &Projection::bias_initializer, "what b starts with")
        .preset("zeros", "uniform_fan_in");
  }

  std::vector<std::string> input_names() const override { return {"features", "condition"}; }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (x.rank() != 2) {
      throw ShapeError(fmt::format("projection: takes rows of features, not {}; put a flatten or global_pool before it",
                                   to_string(x.shape().without_first())));
    }
    const int64_t features = x.shape()[1];
    const Shape shape{features, 1};
    const Fans fans = fans_of(shape);
    const Tensor direction = class_vectors(context, inputs[1], features);
    const int64_t along[] = {1};
    Tensor y = matmul(x, context.weight("weight", shape, kernel_initializer, fans, WeightAxes::kernel)) +
               sum(direction * x, along, true);
    if (bias) y = y + context.weight("bias", {1}, bias_initializer, fans);
    return y;
  }

 private:
  // [batch, features]. Called "…/weight", so that spectral_norm around this layer holds for it, as in the paper.
  Tensor class_vectors(LayerContext& context, const Tensor& condition, int64_t features) const {
    if (classes) {
      return class_rows(context, "condition/weight", condition, *classes, features, kernel_initializer);
    }
    require_condition_vector("projection", condition);
    const Shape shape{condition.shape()[1], features};
    return matmul(condition,
                  context.weight("condition/weight", shape, kernel_initializer, fans_of(shape), WeightAxes::kernel));
  }
};

}  // namespace

void add_projection(KindRegistry<Layer>& layers) { layers.add<Projection>("projection"); }

}  // namespace duel
