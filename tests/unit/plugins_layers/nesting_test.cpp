// Layers that hold other layers, and those that change a layer's weights.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/plugins_layers/run_layer.hpp"

namespace duel {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(const Result& result) {
  std::vector<std::string> out;
  for (const auto& [name, value] : result.before) out.push_back(name);
  return out;
}

TEST(Residual, NamesWeightsByTheirPath) {
  const Result result = run_layer(
      "residual: {layers: [residual: [dense: {units: 2, as: deep}], relu], shortcut: [dense: 2]}", {filled({3, 2}, 1)});
  EXPECT_THAT(names(result), ElementsAre("residual_1/deep/bias", "residual_1/deep/weight", "shortcut/dense_1/bias",
                                         "shortcut/dense_1/weight"));
}

TEST(Residual, ReachesItsInputByName) {
  const HostTensor x{{1, 2}, {3, 5}};
  // x + (2x · x)
  const Result result =
      run_layer("residual: [add: {from: [input, input], as: twice}, multiply: {from: [twice, input]}]", {x});
  EXPECT_THAT(result.output.values, ElementsAre(3 + 2 * 9, 5 + 2 * 25));
}

TEST(Residual, WantsOneShape) {
  refuses("residual: [dense: 3]", {4, 2}, "residual: the layers give [3], the shortcut [2]");
  refuses_to_read("residual: [dense: {units: 2, as: shortcut}]", "cannot be called 'shortcut'");
  refuses_to_read("residual: [dense: {units: 2, from: x}]", "no layer or input before this is called 'x'");
  refuses_to_read("residual: []", "expected a list of layers");
}

TEST(Repeat, HasWeightsForEachTime) {
  const Result result = run_layer("repeat: {times: 3, layers: [dense: {units: 2, bias: false}]}", {filled({1, 2}, 1)});
  EXPECT_THAT(names(result), ElementsAre("1/dense_1/weight", "2/dense_1/weight", "3/dense_1/weight"));
  EXPECT_NE(result.before.at("1/dense_1/weight").values, result.before.at("2/dense_1/weight").values);
}

TEST(Repeat, SaysWhichLayerWithinDoesNotFit) {
  // The second time the layer is given 3 channels.
  refuses<UserError>("repeat: {times: 2, layers: [{dense: 3}, {maxout: 3}, {reshape: [1]}, {maxout: 3}]}", {4, 2},
                     "layer.repeat.layers[3]: maxout: 1 channels");
}

// ── spectral norm ──────────────────────────────────────────────────────────────────────────────────────────────────
TEST(SpectralNorm, DividesByTheLargestSingularValue) {
  // Rotations of a stretch by 5 and 2: singular values 5 and 2.
  const double c = std::cos(0.4), s = std::sin(0.4);
  const HostTensor weight{{2, 2}, {5 * c, 5 * s, -2 * s, 2 * c}};
  const std::string layer = "spectral_norm: {layer: {dense: {units: 2, bias: false}}, iterations: 30}";
  const Result result = run_layer(layer, {{{2, 2}, {1, 0, 0, 1}}}, {.variables = {{"weight", weight}}});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(result.output.values[i], weight.values[i] / 5, 1e-9);
  const auto& u = result.after.at("weight_u").values;
  EXPECT_NEAR(std::abs(u[0] * c + u[1] * s), 1, 1e-9);  // the first right singular vector
}

TEST(SpectralNorm, RefinesItsEstimateInTrainingOnly) {
  const HostTensor x{{2, 4}, {1, 0, 2, 0, -1, 1, 0, 3}};
  const std::string layer = "spectral_norm: {layer: {dense: 3}}";
  const Result inference = run_layer(layer, {x}, {.mode = Mode::inference});
  EXPECT_EQ(inference.after.at("weight_u").values, inference.before.at("weight_u").values);
  const Result training = run_layer(layer, {x});
  EXPECT_NE(training.after.at("weight_u").values, training.before.at("weight_u").values);
  const Result later = run_layer(layer, {x}, {.variables = {{"weight_u", training.after.at("weight_u")}}});
  EXPECT_LT(std::abs(later.output.values[0]), std::abs(training.output.values[0]));  // a larger singular value
}

TEST(SpectralNorm, OfZeroIsZero) {
  const Result result =
      run_layer("spectral_norm: {layer: {dense: {units: 2, kernel_initializer: zeros}}}", {filled({1, 2}, 1)});
  EXPECT_THAT(result.output.values, ElementsAre(0, 0));
}

TEST(SpectralNorm, ReachesAllWeightsWithin) {
  const Result result =
      run_layer("spectral_norm: {layer: {residual: [self_attention: {reduction: 1}]}}", {filled({1, 2, 2, 2}, 1)});
  int states = 0;
  for (const std::string& name : names(result)) states += name.ends_with("/weight_u");
  EXPECT_EQ(states, 4);
}

// ── weight norm ────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(WeightNorm, StartsAsTheWeightItself) {
  const HostTensor one{{1, 3}, {1, 0, 0}};
  const Result result = run_layer("weight_norm: {layer: {dense: 2}}", {one});
  EXPECT_THAT(names(result), ElementsAre("bias", "weight_g", "weight_v"));
  const auto& v = result.before.at("weight_v").values;
  for (const std::size_t output : {0u, 1u}) {
    const double length = std::hypot(v[output], v[output + 2], v[output + 4]);
    EXPECT_NEAR(result.before.at("weight_g").values[output], length, 1e-12);
    EXPECT_NEAR(result.output.values[output], v[output], 1e-12);
  }
}

// ── mistakes ───────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Wrappers, WantALayerWithAWeight) {
  refuses("spectral_norm: {layer: relu}", {1, 2}, "spectral_norm: relu has no weight to change");
  refuses("weight_norm: {layer: {batch_norm: {}}}", {1, 2}, "weight_norm: batch_norm has no weight to change");
  refuses_to_read("spectral_norm: {layer: {dense: {units: 2, as: x}}}", "no `as`, `from` or `share`");
  refuses_to_read("spectral_norm: {dense: 2}", "unknown key 'dense'");
}

}  // namespace
}  // namespace duel
