// Layers that take a condition beside their input: that classes and vectors agree, how they start, what they refuse.
#include <gmock/gmock.h>

#include "tests/unit/plugins_layers/run_layer.hpp"

namespace duel {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

const HostTensor rows{{3, 2}, {1, 4, -2, 3, 5, 0.5}};
const HostTensor classes{{3}, {2, 0, 2}};
const HostTensor one_hot{{3, 3}, {0, 0, 1, 1, 0, 0, 0, 0, 1}};

// Each row is normalised, scaled and moved by the numbers of its class.
TEST(ConditionalBatchNorm, ClassesAreOneHotVectors) {
  const HostTensor gamma{{3, 2}, {1.5, 2, 9, 9, 0.5, -1}}, beta{{3, 2}, {0.1, 0.2, 9, 9, -3, 4}};
  HostTensor above_one = gamma;
  for (double& value : above_one.values) value -= 1;
  const auto by_class =
      run_layer("conditional_batch_norm: 3", {rows, classes}, {.variables = {{"gamma", gamma}, {"beta", beta}}});
  const auto by_vector = run_layer("conditional_batch_norm", {rows, one_hot},
                                   {.variables = {{"gamma/weight", above_one}, {"beta/weight", beta}}});
  EXPECT_THAT(by_class.output.values, Pointwise(DoubleNear(1e-12), by_vector.output.values));
  EXPECT_EQ(by_class.after.at("running_mean").values, by_vector.after.at("running_mean").values);
}

TEST(ConditionalBatchNorm, OfClassesStartsAsBatchNorm) {
  EXPECT_THAT(run_layer("conditional_batch_norm: 3", {rows, classes}).output.values,
              Pointwise(DoubleNear(1e-12), run_layer("batch_norm", {rows}).output.values));
}

TEST(ConditionalBatchNorm, TakesRunningStatisticsInInference) {
  const Setting setting{.mode = Mode::inference,
                        .variables = {{"running_mean", {{2}, {1, 2}}}, {"running_variance", {{2}, {4, 9}}}}};
  EXPECT_THAT(
      run_layer("conditional_batch_norm: {classes: 3, epsilon: 1.0e-12}", {rows, classes}, setting).output.values,
      Pointwise(DoubleNear(1e-9), std::vector<double>{0, 2 / 3., -1.5, 1 / 3., 2, -0.5}));
}

// With the hidden layer at 0, what is left are the biases: a scale of 1 + bias.
TEST(SelfModulatedBatchNorm, StartsAboutAsBatchNorm) {
  const HostTensor z = filled({3, 4}, 1);
  const auto result = run_layer("self_modulated_batch_norm: 5", {rows, z},
                                {.variables = {{"hidden/weight", filled({4, 5}, -1)}, {"gamma/bias", {{2}, {0, 1}}}}});
  const auto plain = run_layer("batch_norm", {rows}).output.values;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(result.output.values[i], plain[i] * (i % 2 == 0 ? 1 : 2), 1e-12);
  }
}

TEST(Projection, AddsTheProductWithTheClass) {
  const auto result = run_layer(
      "projection: 3", {rows, classes},
      {.variables = {
           {"weight", {{2, 1}, {1, 10}}}, {"bias", {{1}, {100}}}, {"condition/weight", {{3, 2}, {2, 0, 9, 9, 0, 3}}}}});
  EXPECT_THAT(result.output.values, ElementsAre(100 + 41 + 12, 100 + 28 - 4, 100 + 10 + 1.5));
  EXPECT_EQ(result.output.shape, (Shape{3, 1}));
}

TEST(Projection, SpectralNormHoldsForBothWeights) {
  const auto result = run_layer("spectral_norm: {layer: {projection: {classes: 3, bias: false}}}", {rows, classes});
  EXPECT_TRUE(result.after.contains("weight_u"));
  EXPECT_TRUE(result.after.contains("condition/weight_u"));
}

TEST(Slice, TakesItsPart) {
  const HostTensor x{{2, 4}, {0, 1, 2, 3, 10, 11, 12, 13}};
  EXPECT_THAT(run_layer("slice: {start: 1, size: 2}", {x}).output.values, ElementsAre(1, 2, 11, 12));
  refuses("slice: {start: 3, size: 2}", {2, 4}, "elements 3 … 4 are asked for of an axis of 4");
  refuses("slice: {size: 1, axis: 2}", {2, 4}, "no axis 2");
}

void refuses_both(const std::string& layer, const HostTensor& x, const HostTensor& condition, const std::string& text) {
  EXPECT_THAT(([&] { run_layer(layer, {x, condition}); }), ThrowsMessage<ShapeError>(HasSubstr(text))) << layer;
}

TEST(Conditions, OfAnotherShapeAreRefused) {
  for (const std::string kind : {"conditional_batch_norm", "projection"}) {
    refuses_both(kind, rows, classes, "say how many `classes` there are");
    refuses_both(kind + ": 3", rows, one_hot, "leave `classes` out");
    refuses_both(kind, rows, filled({3, 2, 2}, 0), "a vector for each example, not [2, 2]");
  }
  refuses_both("self_modulated_batch_norm", rows, classes, "make it a vector");
  refuses_both("projection", filled({3, 2, 2, 1}, 0), one_hot, "put a flatten or global_pool before it");
}

}  // namespace
}  // namespace duel
