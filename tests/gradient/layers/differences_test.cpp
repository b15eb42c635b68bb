// Every layer's first and second derivatives, by inputs and weights, against central differences.
#include <gmock/gmock.h>

#include <set>

#include "tests/gradient/layers/layer_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {
namespace {

struct LayerCase {
  std::string name;
  std::string layer;
  std::vector<HostTensor> inputs;
  Mode mode = Mode::train;
  std::vector<HostTensor> indices = {};  // whole numbers, which have no derivative: further inputs
  int orders = 2;

  friend void PrintTo(const LayerCase& layer_case, std::ostream* out) { *out << layer_case.layer; }
};

HostTensor numbers(const Shape& shape, uint64_t seed = 1) {
  HostTensor tensor = random_tensor(shape, seed, 0.2, 2);  // away from the kinks at 0
  for (std::size_t i = 0; i < tensor.values.size(); i += 2) tensor.values[i] *= -1;
  return tensor;
}

std::vector<LayerCase> difference_cases() {
  const HostTensor rows = numbers({3, 4});
  const HostTensor image = numbers({2, 2, 2, 3});
  return {
      {"dense", "dense: 3", {rows}},
      {"dense_on_last_axis", "dense: {units: 2, bias: false}", {numbers({2, 2, 3})}},
      {"embedding", "embedding: {classes: 4, size: 2}", {}, Mode::train, {{{3}, {2, 0, 2}}}},
      {"batch_norm", "batch_norm", {rows}},
      {"batch_norm_images", "batch_norm", {image}},
      {"batch_norm_inference", "batch_norm", {rows}, Mode::inference},
      {"conditional_batch_norm", "conditional_batch_norm", {rows, numbers({3, 2}, 2)}},
      {"conditional_batch_norm_classes", "conditional_batch_norm: 3", {image}, Mode::train, {{{2}, {2, 0}}}},
      {"conditional_batch_norm_inference", "conditional_batch_norm", {image, numbers({2, 2}, 2)}, Mode::inference},
      {"self_modulated_batch_norm", "self_modulated_batch_norm: 3", {rows, numbers({3, 2}, 2)}},
      {"adaptive_instance_norm", "adaptive_instance_norm", {image, numbers({2, 3}, 2)}},
      {"modulated_conv2d", "modulated_conv2d: 2", {image, numbers({2, 3}, 2)}},
      {"modulated_conv2d_plain",
       "modulated_conv2d: {filters: 2, kernel: 1, demodulate: false, bias: false}",
       {image, numbers({2, 3}, 2)}},
      {"modulated_conv2d_of_styles",
       "modulated_conv2d: {filters: 1, kernel: [1, 2], style: 1, padding: valid}",
       {image, numbers({2, 2, 2}, 2)}},
      {"noise_injection", "noise_injection: {initializer: {constant: 0.7}}", {image}},
      {"learned_constant", "learned_constant: [2, 1]", {rows}},
      {"equalized", "equalized: {layer: {dense: 3}, multiplier: 0.1, gain: 1.4}", {rows}},
      {"equalized_modulated",
       "equalized: {layer: {modulated_conv2d: {filters: 2, kernel: 2}}}",
       {image, numbers({2, 3}, 2)}},
      {"projection", "projection", {rows, numbers({3, 2}, 2)}},
      {"projection_classes", "projection: {classes: 3, bias: false}", {rows}, Mode::train, {{{3}, {2, 0, 2}}}},
      {"slice", "slice: {size: 2, start: 1}", {rows}},
      {"layer_norm", "layer_norm", {rows}},
      {"layer_norm_all", "layer_norm: all", {numbers({2, 2, 3})}},
      {"instance_norm", "instance_norm", {image}},
      {"group_norm", "group_norm: 2", {numbers({2, 2, 2, 4})}},
      {"pixel_norm", "pixel_norm", {image}},
      {"upsample_nearest", "upsample", {image}},
      {"upsample_bilinear", "upsample: {factor: [2, 3], method: bilinear}", {image}},
      {"upsample_bicubic", "upsample: {method: bicubic}", {image}},
      {"downsample_average", "downsample", {image}},
      {"downsample_bilinear", "downsample: {method: bilinear}", {numbers({1, 4, 2, 2})}},
      {"downsample_bicubic", "downsample: {method: bicubic}", {numbers({1, 4, 2, 2})}},
      {"downsample_strided", "downsample: {method: strided}", {image}},
      {"blur", "blur", {image}},
      {"blur_reflected", "blur: {taps: [1, 3, 3, 1], border: reflect, stride: 2}", {numbers({1, 4, 3, 2})}},
      {"max_pool", "max_pool", {numbers({1, 4, 4, 2})}},
      {"max_pool_overlapping", "max_pool: {size: 3, stride: 2, padding: 1}", {numbers({1, 4, 5, 1})}},
      {"average_pool", "average_pool: {size: 3, stride: 2, padding: 1}", {numbers({1, 4, 5, 1})}},
      {"global_pool_average", "global_pool", {image}},
      {"global_pool_max", "global_pool: max", {image}},
      {"zero_pad", "zero_pad: [1, 0, 2, 1]", {image}},
      {"reflect_pad", "reflect_pad: 1", {image}},
      {"crop", "crop: [1, 0, 0, 1]", {image}},
      {"pixel_shuffle", "pixel_shuffle", {numbers({1, 2, 1, 8})}},
      {"pixel_unshuffle", "pixel_unshuffle", {image}},
      {"minibatch_stddev", "minibatch_stddev: {group: 2, features: 2}", {numbers({4, 2, 1, 2})}},
      {"minibatch_discrimination", "minibatch_discrimination: {kernels: 2, size: 2}", {rows}},
      {"self_attention", "self_attention: {reduction: 2}", {numbers({1, 2, 4, 2})}},
      {"self_attention_unpooled", "self_attention: {reduction: 2, pool: false}", {numbers({1, 2, 2, 2})}},
      {"residual", "residual: [dense: 4, tanh]", {rows}},
      {"residual_shortcut", "residual: {layers: [dense: 2, tanh], shortcut: [dense: 2]}", {rows}},
      {"repeat", "repeat: {times: 2, layers: [dense: 4, tanh]}", {rows}},
      {"weight_norm", "weight_norm: {layer: {dense: 3}}", {rows}},
      {"weight_norm_transposed",
       "weight_norm: {layer: {conv2d_transpose: {filters: 2, kernel: 2, stride: 2}}}",
       {numbers({1, 2, 1, 3})}},
      // The estimate of the singular value has the right derivative, but only that of first order.
      {"spectral_norm", "spectral_norm: {layer: {dense: 3}}", {rows}, Mode::inference, {}, 1},
      {"spectral_norm_within", "spectral_norm: {layer: {residual: [dense: 4]}}", {rows}, Mode::inference, {}, 1},
      {"conv1d", "conv1d: {filters: 2, kernel: 3, padding: same}", {numbers({1, 4, 2})}},
      {"conv2d", "conv2d: {filters: 2, kernel: 3, stride: 2, padding: same}", {numbers({1, 4, 3, 2})}},
      {"conv2d_groups", "conv2d: {filters: 4, kernel: 2, dilation: 2, groups: 2}", {numbers({1, 3, 3, 2})}},
      {"conv2d_transpose", "conv2d_transpose: {filters: 2, kernel: 3, stride: 2, padding: same}", {image}},
      {"depthwise_conv2d", "depthwise_conv2d: {kernel: 2, multiplier: 2}", {numbers({1, 3, 2, 2})}},
      {"separable_conv2d", "separable_conv2d: {filters: 2, kernel: 2}", {numbers({1, 3, 2, 2})}},
      {"dropout", "dropout: 0.4", {rows}},
      {"spatial_dropout", "spatial_dropout: 0.4", {image}},
      {"dropout_all", "dropout: 1", {rows}},
      {"gaussian_noise", "gaussian_noise: 0.3", {rows}},
      {"reshape", "reshape: [2, -1]", {rows}},
      {"flatten", "flatten", {image}},
      {"concat", "concat", {rows, numbers({3, 2}, 2)}},
      {"add", "add", {rows, numbers({3, 4}, 2), numbers({3, 1}, 3)}},
      {"multiply", "multiply", {rows, numbers({3, 4}, 2), numbers({3, 1}, 3)}},
      {"maxout", "maxout: 2", {rows}},
      {"relu", "relu", {rows}},
      {"leaky_relu", "leaky_relu: 0.2", {rows}},
      {"prelu_element", "prelu: element", {rows}},
      {"prelu_channel", "prelu: channel", {image}},
      {"prelu_one", "prelu: one", {image}},
      {"elu", "elu: 0.7", {rows}},
      {"selu", "selu", {rows}},
      {"gelu", "gelu", {rows}},
      {"gelu_tanh", "gelu: tanh", {rows}},
      {"silu", "silu", {rows}},
      {"tanh", "tanh", {rows}},
      {"sigmoid", "sigmoid", {rows}},
      {"softplus", "softplus", {rows}},
      {"softmax", "softmax", {rows}},
  };
}

class LayerDifferences : public testing::TestWithParam<LayerCase> {};

TEST_P(LayerDifferences, AgreeToSecondOrder) {
  const LayerCase& given = GetParam();
  const auto layer = read_component(layer_registry(), layer_registry().layers, given.layer);
  const GradientSubject subject = [&](Graph& graph, std::span<const Tensor> inputs) {
    std::vector<Tensor> all(inputs.begin(), inputs.end());
    for (const HostTensor& input : given.indices) {
      std::vector<Tensor> parts;
      for (const double value : input.values) parts.push_back(constant(graph, value, {1}));
      all.push_back(concat(parts, 0));
    }
    TestLayerContext context(graph, given.mode, all[0].shape()[0]);
    const Tensor output = layer->build(context, all);
    context.assign_updates();
    return output;
  };
  GradientCheckOptions options;
  options.orders = given.orders;
  if (!given.inputs.empty()) {
    options.variables["running_variance"] = random_tensor({given.inputs[0].shape[-1]}, 9, 0.5, 2);
  }
  EXPECT_TRUE(check_gradients(subject, given.inputs, options));
}

INSTANTIATE_TEST_SUITE_P(Layers, LayerDifferences, testing::ValuesIn(difference_cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST(LayerDifferencesCases, CoverEveryLayer) {
  std::set<std::string> covered;
  for (const LayerCase& given : difference_cases()) covered.insert(kind_of(given.layer));
  EXPECT_THAT(layer_registry().layers.kinds(), testing::UnorderedElementsAreArray(covered));
}

}  // namespace
}  // namespace duel
