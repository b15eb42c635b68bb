// Weights of PyTorch: names, layouts, and a network of many layers against what PyTorch makes of the same file.
#include "train/torch_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "store/safetensors.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/train/network_run.hpp"

namespace duel {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string vectors = DUEL_SOURCE_DIR "/tests/unit/train/";

TEST(TorchNames, AreThePathWithDots) {
  EXPECT_THAT(torch_names("conv/bias"), ElementsAre("conv.bias"));
  EXPECT_THAT(torch_names("a/2/bn/gamma"), ElementsAre("a.2.bn.weight"));
  EXPECT_THAT(torch_names("bn/beta"), ElementsAre("bn.bias"));
  EXPECT_THAT(torch_names("bn/running_mean"), ElementsAre("bn.running_mean"));
  EXPECT_THAT(torch_names("bn/running_variance"), ElementsAre("bn.running_var"));
  EXPECT_THAT(torch_names("act/slope"), ElementsAre("act.weight"));
  EXPECT_EQ(torch_names("fc/weight").front(), "fc.weight");
  EXPECT_THAT(torch_names("gain"), ElementsAre("gain"));
}

TEST(TorchOrder, HasOutputsAndInputsBeforeTheWindow) {
  EXPECT_EQ(torch_shape({3, 4}, WeightAxes::kernel), (Shape{4, 3}));
  EXPECT_EQ(torch_shape({5, 7, 3, 4}, WeightAxes::kernel), (Shape{4, 3, 5, 7}));
  EXPECT_EQ(torch_shape({5, 3, 4}, WeightAxes::kernel), (Shape{4, 3, 5}));
  EXPECT_EQ(torch_shape({8}, WeightAxes::kernel), (Shape{8}));
  EXPECT_EQ(torch_shape({8, 6, 3}, WeightAxes::example), (Shape{3, 8, 6}));
  EXPECT_EQ(torch_shape({}, WeightAxes::example), (Shape{}));
  EXPECT_EQ(torch_shape({10, 3}, WeightAxes::table), (Shape{10, 3}));
}

// Each value says at which index of PyTorch's array it lies.
TEST(TorchOrder, IsBroughtIntoOurs) {
  const std::vector<double> matrix{0, 1, 2, 10, 11, 12};  // [out 2, in 3]
  EXPECT_THAT(from_torch_order(matrix, {3, 2}, WeightAxes::kernel), ElementsAre(0, 10, 1, 11, 2, 12));
  EXPECT_THAT(from_torch_order(matrix, {2, 3}, WeightAxes::table), ElementsAre(0, 1, 2, 10, 11, 12));
  std::vector<double> kernel;
  for (int out = 0; out < 2; ++out) {
    for (int in = 0; in < 3; ++in) {
      for (int row = 0; row < 2; ++row) {
        for (int column = 0; column < 4; ++column) kernel.push_back(1000 * out + 100 * in + 10 * row + column);
      }
    }
  }
  const std::vector<double> ours = from_torch_order(kernel, {2, 4, 3, 2}, WeightAxes::kernel);
  std::size_t at = 0;
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 4; ++column) {
      for (int in = 0; in < 3; ++in) {
        for (int out = 0; out < 2; ++out) EXPECT_EQ(ours[at++], 1000 * out + 100 * in + 10 * row + column);
      }
    }
  }
  const std::vector<double> images{0, 1, 2, 3, 10, 11, 12, 13};  // [channels 2, rows 2, columns 2]
  EXPECT_THAT(from_torch_order(images, {2, 2, 2}, WeightAxes::example), ElementsAre(0, 10, 1, 11, 2, 12, 3, 13));
}

std::string network_yaml(const std::string& weights) {
  return "preset: torch\n"
         "blocks:\n"
         "  branch:\n"
         "    layers:\n"
         "      - conv2d: {filters: 4, kernel: [3, 2], stride: [1, 2], padding: [1, 0], as: conv}\n"
         "      - batch_norm: {as: bn}\n"
         "      - relu\n"
         "networks:\n"
         "  net:\n"
         "    inputs: {image: [5, 6, 3], label: []}\n"
         "    layers:\n"
         "      - branch: {as: stem}\n"
         "      - conv2d_transpose: {filters: 6, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2, as: "
         "up}\n"
         "      - prelu: {slopes: channel, as: slopes}\n"
         "      - depthwise_conv2d: {kernel: 3, multiplier: 2, bias: false, as: depthwise}\n"
         "      - layer_norm: {axes: all, as: norm}\n"
         "      - global_pool\n"
         "      - reshape: [6, 2]\n"
         "      - conv1d: {filters: 5, kernel: 3, as: sequence}\n"
         "      - global_pool: {as: pooled}\n"
         "      - embedding: {classes: 4, size: 5, from: label, as: labels}\n"
         "      - add: {from: [pooled, labels]}\n"
         "      - dense: {units: 6, as: fc}\n"
         "      - spectral_norm: {layer: {dense: 6}, as: old}\n"
         "      - spectral_norm: {layer: {dense: 3}, as: new}\n"
         "    weights: " +
         weights + "\n";
}

std::map<std::string, HostTensor> inputs() {
  const nlohmann::json json = read_vectors(vectors + "weights.json");
  return {{"image", tensor_of(json.at("image"))}, {"label", tensor_of(json.at("label"))}};
}

TEST(TorchNetwork, ComputesWhatPyTorchDoesWithTheSameFile) {
  const Experiment experiment =
      experiment_of(network_yaml("{from: " + vectors + "weights.safetensors, network: tiny}"));
  const NetworkRun run(experiment, "net(data.image, data.label)", inputs(), DType::float64);
  const HostTensor expected = tensor_of(read_vectors(vectors + "weights.json").at("output"));
  EXPECT_TRUE(tensors_near(run.output(), expected, 1e-9, 1e-9));
}

TEST(TorchNetwork, CountsWhatItHasNoPlaceFor) {
  const Experiment experiment =
      experiment_of(network_yaml("{from: " + vectors + "weights.safetensors, network: tiny}"));
  const NetworkRun run(experiment, "net(data.image, data.label)", inputs(), DType::float32);
  ASSERT_EQ(run.loaded().size(), 1U);
  const LoadedWeights& loaded = run.loaded()[0];
  EXPECT_EQ(loaded.used, 23);
  EXPECT_THAT(loaded.unused, ElementsAre("tiny.new.parametrizations.weight.0._v", "tiny.old.weight_v",
                                         "tiny.stem.bn.num_batches_tracked"));
  EXPECT_THAT(loaded.to_text(), AllOf(HasSubstr("the network net starts from 23 arrays of "),
                                      HasSubstr("has 3 more that"), HasSubstr("tiny.old.weight_v")));
}

TEST(TorchNetwork, SaysThatNoNameHasThePrefix) {
  const Experiment experiment =
      experiment_of(network_yaml("{from: " + vectors + "weights.safetensors, network: tony}"));
  try {
    NetworkRun(experiment, "net(data.image, data.label)", inputs(), DType::float32);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    EXPECT_THAT(error.what(), HasSubstr("no name in it begins with 'tony.': mend `network`"));
  }
}

}  // namespace
}  // namespace duel
