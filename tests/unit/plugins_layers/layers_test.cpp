// What layers promise beyond PyTorch's vectors (tests/gradient/layers/): randomness, presets, states, wrong shapes.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "tests/unit/plugins_layers/run_layer.hpp"

namespace duel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<double> magnitudes(const HostTensor& tensor) {
  std::vector<double> out;
  for (const double value : tensor.values) out.push_back(std::abs(value));
  return out;
}

// ── randomness ─────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Dropout, KeepsItsShareAndTheMean) {
  const Result result = run_layer("dropout: 0.4", {filled({200, 100}, 3)});
  const auto kept = static_cast<double>(std::ranges::count(result.output.values, 3 / 0.6));
  const auto dropped = static_cast<double>(std::ranges::count(result.output.values, 0.0));
  EXPECT_EQ(kept + dropped, 20000);
  EXPECT_NEAR(kept, 12000, 5 * std::sqrt(20000 * 0.4 * 0.6));
}

TEST(Dropout, DrawsAnotherMaskEachStep) {
  const HostTensor ones = filled({20, 10}, 1);
  const auto first = run_layer("dropout", {ones}).output.values;
  EXPECT_EQ(run_layer("dropout", {ones}).output.values, first);
  EXPECT_NE(run_layer("dropout", {ones}, {.step = 1}).output.values, first);
}

TEST(Dropout, Extremes) {
  const HostTensor twos = filled({4, 5}, 2);
  EXPECT_THAT(run_layer("dropout: 0", {twos}).output.values, Each(2));
  EXPECT_THAT(run_layer("dropout: 1", {twos}).output.values, Each(0));
  EXPECT_THAT(run_layer("dropout: 1", {twos}, {.mode = Mode::inference}).output.values, Each(2));
}

TEST(GaussianNoise, HasItsDeviationAndFollowsASchedule) {
  const HostTensor fives = filled({200, 100}, 5);
  for (const int64_t step : {0, 5}) {
    const double sigma = step == 0 ? 0.5 : 0.25;
    const auto values = run_layer("gaussian_noise: {stddev: {linear: {from: 0.5, to: 0, steps: 10}}}", {fives},
                                  {.clock = {.step = step, .total_steps = 0, .epoch = 0, .updates = 0}})
                            .output.values;
    double variance = 0;
    for (const double value : values) variance += (value - 5) * (value - 5) / 20000;
    EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 20000, 5, 5 * sigma / std::sqrt(20000));
    EXPECT_NEAR(variance, sigma * sigma, 5 * sigma * sigma * std::sqrt(2.0 / 20000));
  }
}

// ── presets ────────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Dense, StartsAsThePresetSays) {
  const HostTensor input = filled({2, 64}, 1);
  const auto keras = run_layer("dense: 32", {input}).before;
  EXPECT_THAT(keras.at("bias").values, Each(0));
  const double glorot = std::sqrt(6.0 / (64 + 32));
  EXPECT_LE(std::ranges::max(magnitudes(keras.at("weight"))), glorot);
  EXPECT_GE(std::ranges::max(magnitudes(keras.at("weight"))), 0.98 * glorot);

  const auto torch = run_layer("dense: 32", {input}, {.preset = Preset::torch}).before;
  for (const char* name : {"weight", "bias"}) {
    EXPECT_LE(std::ranges::max(magnitudes(torch.at(name))), 1.0 / 8);
    EXPECT_GE(std::ranges::max(magnitudes(torch.at(name))), 0.85 / 8);
  }
}

TEST(Embedding, StartsAsThePresetSays) {
  const HostTensor indices{{3}, {0, 1, 2}};
  const std::string yaml = "embedding: {classes: 100, size: 50}";
  const auto keras = magnitudes(run_layer(yaml, {indices}).before.at("weight"));
  EXPECT_LE(std::ranges::max(keras), 0.05);
  const auto torch = magnitudes(run_layer(yaml, {indices}, {.preset = Preset::torch}).before.at("weight"));
  EXPECT_GT(std::ranges::max(torch), 3);
}

TEST(Prelu, StartsAsThePresetSays) {
  const HostTensor input = filled({2, 3, 4}, -2);
  EXPECT_THAT(run_layer("prelu", {input}).output.values, Each(0));
  EXPECT_THAT(run_layer("prelu", {input}, {.preset = Preset::torch}).output.values, Each(-0.5));
}

// ── states ─────────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(BatchNorm, MovesRunningStatisticsByOneMinusDecay) {
  const HostTensor x{{4, 1}, {1, 2, 3, 6}};  // mean 3, variance 3.5 over N and 14/3 over N−1
  const auto keras = run_layer("batch_norm", {x}).after;
  EXPECT_NEAR(keras.at("running_mean").values[0], 0.01 * 3, 1e-12);
  EXPECT_NEAR(keras.at("running_variance").values[0], 0.99 + 0.01 * 3.5, 1e-12);
  const auto torch = run_layer("batch_norm", {x}, {.preset = Preset::torch}).after;
  EXPECT_NEAR(torch.at("running_mean").values[0], 0.1 * 3, 1e-12);
  EXPECT_NEAR(torch.at("running_variance").values[0], 0.9 + 0.1 * 14 / 3, 1e-12);
}

TEST(BatchNorm, InferenceUsesAndKeepsRunningStatistics) {
  const Setting inference{.mode = Mode::inference,
                          .variables = {{"running_mean", {{1}, {2}}}, {"running_variance", {{1}, {3.999}}}}};
  const Result result = run_layer("batch_norm", {{{2, 1}, {2, 6}}}, inference);
  EXPECT_NEAR(result.output.values[0], 0, 1e-12);
  EXPECT_NEAR(result.output.values[1], 2, 1e-12);  // (6 − 2)/√(3.999 + 0.001)
  EXPECT_EQ(result.after.at("running_mean").values, result.before.at("running_mean").values);
  EXPECT_EQ(result.after.at("running_variance").values, result.before.at("running_variance").values);
}

TEST(BatchNorm, OneRowHasNoVariance) {
  const Result result = run_layer("batch_norm", {{{1, 2}, {5, -7}}}, {.preset = Preset::torch});
  EXPECT_THAT(result.output.values, Each(0));
  EXPECT_THAT(result.after.at("running_variance").values, Each(0.9));
}

// ── values far out ─────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Activations, StayFiniteFarOutAndKeepNan) {
  const double huge = 1e30;
  const HostTensor x{{1, 3}, {-huge, huge, 0}};
  EXPECT_THAT(run_layer("relu", {x}).output.values, ElementsAre(0, huge, 0));
  EXPECT_THAT(run_layer("elu", {x}).output.values, ElementsAre(-1, huge, 0));
  EXPECT_THAT(run_layer("softplus", {x}).output.values, ElementsAre(0, huge, testing::DoubleEq(std::log(2))));
  EXPECT_THAT(run_layer("softmax", {x}).output.values, ElementsAre(0, 1, 0));
  for (const char* kind : {"relu", "leaky_relu", "elu", "selu", "prelu", "softmax"}) {
    EXPECT_THAT(run_layer(kind, {filled({1, 2}, NAN)}).output.values, Each(testing::IsNan())) << kind;
  }
}

// ── wrong shapes and parameters ────────────────────────────────────────────────────────────────────────────────────
TEST(Layers, SayWhichShapesDoNotFit) {
  const HostTensor labels = filled({4}, 0);
  const HostTensor rows = filled({4, 6}, 0);
  for (const char* kind : {"dense: 3", "batch_norm", "layer_norm", "maxout: 2", "softmax", "prelu"}) {
    EXPECT_THAT(([&] { run_layer(kind, {labels}); }), ThrowsMessage<ShapeError>(HasSubstr("[4]"))) << kind;
  }
  EXPECT_THAT(([&] { run_layer("reshape: [5]", {rows}); }),
              ThrowsMessage<ShapeError>("reshape: the 6 numbers of [6] cannot be arranged as [5]"));
  EXPECT_THAT(([&] { run_layer("reshape: [-1, 4]", {rows}); }), ThrowsMessage<ShapeError>(HasSubstr("[-1, 4]")));
  EXPECT_THAT(([&] { run_layer("maxout: 4", {rows}); }), ThrowsMessage<ShapeError>(HasSubstr("6 channels of [4, 6]")));
  EXPECT_THAT(([&] { run_layer("concat: 2", {rows, rows}); }), ThrowsMessage<ShapeError>(HasSubstr("no axis 2")));
  EXPECT_THAT(([&] { run_layer("concat: -2", {rows, rows}); }), ThrowsMessage<ShapeError>(HasSubstr("no axis -2")));
  EXPECT_THAT(([&] {
                run_layer("concat", {filled({4, 2, 2}, 0), filled({4, 3, 1}, 0)});
              }),
              ThrowsMessage<ShapeError>(HasSubstr("[4, 3, 1]")));
  EXPECT_THAT(([&] {
                run_layer("add", {rows, filled({4, 4, 6}, 0)});
              }),
              ThrowsMessage<ShapeError>("add: [4, 6] and [4, 4, 6] do not fit together"));
  EXPECT_THAT(([&] {
                run_layer("multiply", {rows, filled({4, 5}, 0)});
              }),
              ThrowsMessage<ShapeError>(HasSubstr("[4, 5]")));
}

TEST(Layers, RefuseParametersThatContradict) {
  refuses_to_read("reshape: [-1, -1]", "only one extent");
  refuses_to_read("reshape: [0, 3]", "cannot be 0");
  refuses_to_read("reshape: [1, 1, 1, 1, 1, 1, 1, 1]", "at most 7");
  refuses_to_read("concat: 0", "axis 0 is the batch");
  refuses_to_read("slice: {size: 1, axis: 0}", "axis 0 is the batch");
  refuses_to_read("dropout: 1.5", "at most 1");
  refuses_to_read("gelu: sigmoid", "sigmoid");
}

TEST(Layers, OnlyJoinsTakeAnyNumberOfInputs) {
  for (const std::string& kind : registry().layers.kinds()) {
    const ComponentInfo& info = *registry().layers.find(kind);
    EXPECT_FALSE(info.help.empty()) << kind;
    const auto cannot_be_one = [](const ParameterInfo& parameter) {
      return parameter.required && (!parameter.main || parameter.type.find("integer") == std::string::npos);
    };
    if (std::ranges::any_of(info.parameters, cannot_be_one)) continue;
    const bool required = std::ranges::any_of(info.parameters, &ParameterInfo::required);
    const bool join = kind == "add" || kind == "concat" || kind == "multiply";
    EXPECT_EQ(read_component(registry(), registry().layers, required ? kind + ": 1" : kind)->input_names().empty(),
              join)
        << kind;
  }
}

}  // namespace
}  // namespace duel
