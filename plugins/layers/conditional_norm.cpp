// Normalisations whose scale and offset depend on another value: a class, a noise vector, or both.
#include <fmt/format.h>

#include <optional>

#include "plugins/layers/batch_statistics.hpp"
#include "plugins/layers/condition.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// [batch, channels] as [batch, 1, …, channels], beside an x of that rank.
Tensor beside(const Tensor& rows, const Tensor& x) {
  Shape shape;
  for (int i = 0; i < x.rank(); ++i) shape.push_back(1);
  shape[0] = rows.shape()[0];
  shape[x.rank() - 1] = rows.shape()[1];
  return reshape(rows, shape);
}

struct ConditionedBatchNorm : Layer, BatchStatistics {
  double epsilon = 1e-3;

  std::vector<std::string> input_names() const override { return {"x", "condition"}; }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features(kind(), x);
    const int64_t channels = x.shape()[-1];
    const auto [centred, variance] = moments(context, x);
    const auto [gamma, beta] = affine(context, inputs[1], channels);
    return centred * rsqrt(variance + epsilon) * beside(gamma, x) + beside(beta, x);
  }

 protected:
  struct Affine {
    Tensor gamma;  // [batch, channels], both
    Tensor beta;
  };
  virtual std::string_view kind() const = 0;
  virtual Affine affine(LayerContext& context, const Tensor& condition, int64_t channels) const = 0;

  template <class Component>
  static void declare_statistics(Declaration<Component>& d) {
    declare_decay(d);
    d.parameter("epsilon", &Component::epsilon, "added to the variance").preset("0.001", "0.00001").above(0);
    declare_running_variance(d);
  }
};

struct ConditionalBatchNorm final : ConditionedBatchNorm {
  std::optional<int64_t> classes;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> gamma_initializer;
  std::shared_ptr<const Initializer> beta_initializer;

  static void declare(Declaration<ConditionalBatchNorm>& d) {
    d.help(
        "batch_norm with a scale and an offset of each example's own: 1 + y·A and y·B of a vector y, or a row of two "
        "tables for a class; from: [x, condition]");
    d.reference(
        "Dumoulin et al., A learned representation for artistic style (2017), section 2.2; vectors: Brock et al., "
        "BigGAN (2019), appendix B");
    d.parameter("classes", &ConditionalBatchNorm::classes,
                "the condition is whole numbers 0 … classes−1, one an example; without it, a vector an example")
        .main()
        .min(1);
    declare_statistics(d);
    d.parameter("kernel_initializer", &ConditionalBatchNorm::kernel_initializer, "what A and B start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("gamma_initializer", &ConditionalBatchNorm::gamma_initializer, "what the classes' scales start with")
        .default_value("ones");
    d.parameter("beta_initializer", &ConditionalBatchNorm::beta_initializer, "what the classes' offsets start with")
        .default_value("zeros");
  }

 protected:
  std::string_view kind() const override { return "conditional_batch_norm"; }

  Affine affine(LayerContext& context, const Tensor& condition, int64_t channels) const override {
    if (classes) {
      return {class_rows(context, "gamma", condition, *classes, channels, gamma_initializer),
              class_rows(context, "beta", condition, *classes, channels, beta_initializer)};
    }
    require_condition_vector(kind(), condition);
    const Shape shape{condition.shape()[1], channels};
    const auto linear = [&](const std::string& name) {
      return matmul(condition,
                    context.weight(name + "/weight", shape, kernel_initializer, fans_of(shape), WeightAxes::kernel));
    };
    return {1 + linear("gamma"), linear("beta")};
  }
};

struct SelfModulatedBatchNorm final : ConditionedBatchNorm {
  int64_t hidden = 32;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  static void declare(Declaration<SelfModulatedBatchNorm>& d) {
    d.help(
        "batch_norm whose scale and offset are made of a vector, as the generator's noise, by a small network of one "
        "hidden layer; from: [x, z]");
    d.reference("Chen et al., On self modulation for generative adversarial networks (2019), section 2");
    d.parameter("hidden", &SelfModulatedBatchNorm::hidden, "units of its hidden layer, which is followed by a relu")
        .main()
        .min(1);
    declare_statistics(d);
    d.parameter("kernel_initializer", &SelfModulatedBatchNorm::kernel_initializer, "what its weights start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &SelfModulatedBatchNorm::bias_initializer, "what its biases start with")
        .preset("zeros", "uniform_fan_in");
  }

 protected:
  std::string_view kind() const override { return "self_modulated_batch_norm"; }

  Affine affine(LayerContext& context, const Tensor& condition, int64_t channels) const override {
    require_condition_vector(kind(), condition);
    const auto dense = [&](const std::string& name, const Tensor& x, int64_t units) {
      return affine_map(context, name, x, units, kernel_initializer, bias_initializer);
    };
    const Tensor h = positive_part(dense("hidden", condition, hidden));
    return {1 + dense("gamma", h, channels), dense("beta", h, channels)};
  }
};

struct AdaptiveInstanceNorm final : Layer {
  double epsilon = 1e-3;
  std::shared_ptr<const Initializer> kernel_initializer;
  std::shared_ptr<const Initializer> bias_initializer;

  static void declare(Declaration<AdaptiveInstanceNorm>& d) {
    d.help(
        "instance_norm whose scale and offset are made of a vector w, as a style: 1 + w·A + a and w·B + b; from: [x, "
        "w]");
    d.reference(
        "Huang and Belongie, Arbitrary style transfer in real-time with adaptive instance normalization (2017); of a "
        "vector: Karras et al., A style-based generator architecture for GANs (2019), section 2");
    d.parameter("epsilon", &AdaptiveInstanceNorm::epsilon, "added to the variance").preset("0.001", "0.00001").above(0);
    d.parameter("kernel_initializer", &AdaptiveInstanceNorm::kernel_initializer, "what A and B start with")
        .preset("glorot_uniform", "uniform_fan_in");
    d.parameter("bias_initializer", &AdaptiveInstanceNorm::bias_initializer, "what a and b start with")
        .default_value("zeros");
  }

  std::vector<std::string> input_names() const override { return {"x", "w"}; }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    const Tensor& w = inputs[1];
    require_condition_vector("adaptive_instance_norm", w);
    const std::vector<int64_t> pixels = axes_between("adaptive_instance_norm", x.shape());
    const auto affine = [&](const std::string& name) {
      return beside(affine_map(context, name, w, x.shape()[-1], kernel_initializer, bias_initializer), x);
    };
    const Tensor centred = x - mean(x, pixels, true);
    return centred * rsqrt(mean(square(centred), pixels, true) + epsilon) * (1 + affine("gamma")) + affine("beta");
  }
};

}  // namespace

void add_conditional_norm(KindRegistry<Layer>& layers) {
  layers.add<ConditionalBatchNorm>("conditional_batch_norm");
  layers.add<SelfModulatedBatchNorm>("self_modulated_batch_norm");
  layers.add<AdaptiveInstanceNorm>("adaptive_instance_norm");
}

}  // namespace duel
