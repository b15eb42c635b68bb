// The parts of style-based generators: how they start, what they share, what they refuse.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/gradient_check.hpp"
#include "tests/unit/plugins_layers/run_layer.hpp"

namespace duel {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

const HostTensor image = random_tensor({2, 4, 4, 3}, 1);
const HostTensor w = random_tensor({2, 5}, 2);

double mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum / static_cast<double>(values.size());
}

TEST(ModulatedConv2d, IsAConvolutionWhereTheStyleIsZero) {
  const HostTensor none = filled({2, 5}, 0);
  const HostTensor weight = random_tensor({3, 3, 3, 2}, 3);
  const auto plain =
      run_layer("conv2d: {filters: 2, kernel: 3, padding: same}", {image}, {.variables = {{"weight", weight}}});
  const auto modulated = run_layer("modulated_conv2d: {filters: 2, demodulate: false}", {image, none},
                                   {.variables = {{"weight", weight}}});
  EXPECT_THAT(modulated.output.values, Pointwise(DoubleNear(1e-12), plain.output.values));
}

// What demodulation is for: however large the style is, the output keeps its size.
TEST(ModulatedConv2d, DemodulationUndoesTheSizeOfTheStyle) {
  const auto scaled_by = [&](double bias) {
    const std::map<std::string, HostTensor> variables{{"style/weight", filled({5, 3}, 0)},
                                                      {"style/bias", filled({3}, bias - 1)}};
    return run_layer("modulated_conv2d: 2", {image, w}, {.variables = variables}).output.values;
  };
  EXPECT_THAT(scaled_by(100), Pointwise(DoubleNear(1e-6), scaled_by(1)));
}

// Of independent inputs of variance 1, outputs have variance 1 (Karras et al. 2020, section 2.2).
TEST(ModulatedConv2d, DemodulatedOutputsHaveUnitVariance) {
  HostTensor noise{{1, 32, 32, 8}, {}};
  RandomStream random(stream_key(5, 0, "noise"));
  for (int64_t i = 0; i < noise.shape.elements(); ++i) noise.values.push_back(random.normal());
  const auto result = run_layer("modulated_conv2d: {filters: 16, padding: valid}", {noise, random_tensor({1, 5}, 2)});
  EXPECT_NEAR(mean_square(result.output.values), 1, 0.1);
}

TEST(ModulatedConv2d, TakesOneOfSeveralStyles) {
  HostTensor styles{{2, 2, 5}, std::vector<double>(20, 99)};
  for (std::size_t row = 0; row < 2; ++row) {
    std::copy_n(w.values.begin() + static_cast<std::ptrdiff_t>(5 * row), 5,
                styles.values.begin() + static_cast<std::ptrdiff_t>(10 * row + 5));
  }
  const auto one = run_layer("modulated_conv2d: 2", {image, w});
  const auto chosen = run_layer("modulated_conv2d: {filters: 2, style: 1}", {image, styles}, {.variables = one.before});
  EXPECT_THAT(chosen.output.values, Pointwise(DoubleNear(1e-12), one.output.values));
  EXPECT_THAT(([&] {
                run_layer("modulated_conv2d: 2", {image, styles});
              }),
              ThrowsMessage<ShapeError>(HasSubstr("w has 2 styles; say which by `style`")));
  EXPECT_THAT(([&] {
                run_layer("modulated_conv2d: {filters: 2, style: 2}", {image, styles});
              }),
              ThrowsMessage<ShapeError>(HasSubstr("style 2 is asked for of [2, 5]")));
  EXPECT_THAT(([&] {
                run_layer("modulated_conv2d: {filters: 2, style: 0}", {image, w});
              }),
              ThrowsMessage<ShapeError>(HasSubstr("w is [styles, n]")));
}

TEST(AdaptiveInstanceNorm, OfNoStyleIsInstanceNorm) {
  EXPECT_THAT(run_layer("adaptive_instance_norm", {image, filled({2, 5}, 0)}).output.values,
              Pointwise(DoubleNear(1e-12), run_layer("instance_norm", {image}).output.values));
}

TEST(NoiseInjection, AddsOneNumberAPixelInBothModes) {
  const HostTensor zeros = filled({2, 64, 64, 3}, 0);
  for (const Mode mode : {Mode::train, Mode::inference}) {
    EXPECT_THAT(run_layer("noise_injection", {zeros}, {.mode = mode}).output.values, Each(0));
    const auto noise =
        run_layer("noise_injection: {initializer: {constant: 2}}", {zeros}, {.mode = mode}).output.values;
    for (std::size_t i = 0; i < noise.size(); i += 3) {
      ASSERT_EQ(noise[i], noise[i + 1]);
      ASSERT_EQ(noise[i], noise[i + 2]);
    }
    EXPECT_NEAR(mean_square(noise), 4, 0.2);
  }
}

TEST(LearnedConstant, IsTheSameForEachRow) {
  const auto result = run_layer("learned_constant: [2, 3]", {w});
  EXPECT_EQ(result.output.shape, (Shape{2, 2, 3}));
  const auto& values = result.output.values;
  EXPECT_EQ(std::vector(values.begin(), values.begin() + 6), std::vector(values.begin() + 6, values.end()));
  EXPECT_EQ(std::vector(values.begin(), values.begin() + 6), result.before.at("weight").values);
}

// Effective weights are N(0, gain²/fan_in) whatever the multiplier; what is stored is larger by its inverse.
TEST(Equalized, StartsAsItsGainSays) {
  for (const double multiplier : {1.0, 0.01}) {
    const auto result = run_layer(
        fmt::format("equalized: {{layer: {{dense: {{units: 300, bias_initializer: {{constant: 3}}}}}}, multiplier: {}, "
                    "gain: 2}}",
                    multiplier),
        {filled({1, 100}, 1)});
    EXPECT_NEAR(mean_square(result.before.at("weight").values) * multiplier * multiplier, 1, 0.05);
    double mean = 0;
    for (const double value : result.output.values) mean += value / 300;
    EXPECT_NEAR(mean, 3, 0.5);
    EXPECT_NEAR(mean_square(result.output.values) - mean * mean, 4, 1);  // gain² · 100/fan_in
  }
}

}  // namespace
}  // namespace duel
