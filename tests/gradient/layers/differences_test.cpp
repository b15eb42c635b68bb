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
  bool indices = false;  // the inputs are whole numbers, which have no derivative

  friend void PrintTo(const LayerCase& layer_case, std::ostream* out) { *out << layer_case.layer; }
};

HostTensor numbers(const Shape& shape, uint64_t seed = 1) {
  HostTensor tensor = random_tensor(shape, seed, 0.2, 2);  // away from the kinks at 0
  for (std::size_t i = 0; i < tensor.values.size(); i += 2) tensor.values[i] *= -1;
  return tensor;
}

std::vector<LayerCase> all_cases() {
  const HostTensor rows = numbers({3, 4});
  const HostTensor image = numbers({2, 2, 2, 3});
  return {
      {"dense", "dense: 3", {rows}},
      {"dense_on_last_axis", "dense: {units: 2, bias: false}", {numbers({2, 2, 3})}},
      {"embedding", "embedding: {classes: 4, size: 2}", {{{3}, {2, 0, 2}}}, Mode::train, true},
      {"batch_norm", "batch_norm", {rows}},
      {"batch_norm_images", "batch_norm", {image}},
      {"batch_norm_inference", "batch_norm", {rows}, Mode::inference},
      {"layer_norm", "layer_norm", {rows}},
      {"layer_norm_all", "layer_norm: all", {numbers({2, 2, 3})}},
      {"dropout", "dropout: 0.4", {rows}},
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
    std::vector<Tensor> constants;
    for (const HostTensor& input : given.indices ? given.inputs : std::vector<HostTensor>{}) {
      std::vector<Tensor> parts;
      for (const double value : input.values) parts.push_back(constant(graph, value, {1}));
      constants.push_back(concat(parts, 0));
    }
    if (given.indices) inputs = constants;
    TestLayerContext context(graph, given.mode, inputs[0].shape()[0]);
    const Tensor output = layer->build(context, inputs);
    context.assign_updates();
    return output;
  };
  GradientCheckOptions options;
  options.variables["running_variance"] = random_tensor({given.inputs[0].shape[-1]}, 9, 0.5, 2);
  EXPECT_TRUE(check_gradients(subject, given.indices ? std::vector<HostTensor>{} : given.inputs, options));
}

INSTANTIATE_TEST_SUITE_P(Layers, LayerDifferences, testing::ValuesIn(all_cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST(LayerDifferencesCases, CoverEveryLayer) {
  std::set<std::string> covered;
  for (const LayerCase& given : all_cases()) covered.insert(kind_of(given.layer));
  EXPECT_THAT(layer_registry().layers.kinds(), testing::UnorderedElementsAreArray(covered));
}

}  // namespace
}  // namespace duel
