// Initializers by the moments and bounds of many draws from fixed streams; orthogonal ones by QᵀQ = 1.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "plugins/initializers/register.hpp"
#include "registry/initializer.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

const Registry& registry() { return filled_registry<register_initializers>(); }

std::vector<double> draw(const std::string& yaml, const Shape& shape, uint64_t seed = 1,
                         Preset preset = Preset::keras) {
  std::vector<double> values(static_cast<std::size_t>(shape.elements()), NAN);
  RandomStream random(stream_key(seed, 0, "test"));
  read_component(registry(), registry().initializers, yaml, preset)->fill(values, shape, fans_of(shape), random);
  return values;
}

struct Moments {
  double mean = 0;
  double variance = 0;
  double low = 0;
  double high = 0;
};

Moments moments(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const auto [low, high] = std::ranges::minmax(values);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / n;
  return {mean, variance, low, high};
}

// A third quantity beside mean and variance tells the distributions apart: how many deviations the largest draw of
// 200,000 is from the mean. √3 for the uniform one, 2/0.8796 for the truncated one, more than 4 for the normal one.
constexpr double uniform = 1.7320508075688772;
constexpr double truncated = 2 / 0.87962566103423978;
constexpr double unbounded = INFINITY;

struct Distribution {
  std::string yaml;
  Preset preset;
  double mean;
  double variance;
  double reach;
};

const Shape kernel{400, 500};

const std::vector<Distribution> distributions = {
    {"zeros", Preset::keras, 0, 0, 0},
    {"ones", Preset::keras, 1, 0, 0},
    {"constant: -0.25", Preset::keras, -0.25, 0, 0},
    {"normal", Preset::keras, 0, 0.05 * 0.05, unbounded},
    {"normal", Preset::torch, 0, 1, unbounded},
    {"normal: {stddev: 0.02, mean: 1}", Preset::torch, 1, 0.02 * 0.02, unbounded},
    {"truncated_normal: {stddev: 0.5, mean: 2}", Preset::keras, 2, std::pow(0.5 * 0.87962566103423978, 2), truncated},
    {"uniform", Preset::keras, 0, 0.1 * 0.1 / 12, uniform},
    {"uniform", Preset::torch, 0.5, 1.0 / 12, uniform},
    {"uniform: {low: 2, high: 5}", Preset::keras, 3.5, 9.0 / 12, uniform},
    {"glorot_uniform", Preset::keras, 0, 2.0 / 900, uniform},
    {"glorot_normal", Preset::keras, 0, 2.0 / 900, truncated},
    {"glorot_normal", Preset::torch, 0, 2.0 / 900, unbounded},
    {"glorot_uniform: 1.5", Preset::torch, 0, 2.25 * 2.0 / 900, uniform},
    {"he_uniform", Preset::keras, 0, 2.0 / 400, uniform},
    {"he_normal", Preset::keras, 0, 2.0 / 400, truncated},
    {"he_normal: {truncated: false}", Preset::keras, 0, 2.0 / 400, unbounded},
    {"lecun_uniform", Preset::keras, 0, 1.0 / 400, uniform},
    {"lecun_normal", Preset::keras, 0, 1.0 / 400, truncated},
    {"uniform_fan_in", Preset::torch, 0, 1.0 / (3 * 400), uniform},
    {"orthogonal: 1", Preset::keras, 0, 1.0 / 500, unbounded},
};

TEST(Initializers, HaveTheirMomentsAndBounds) {
  std::set<std::string> covered;
  for (const Distribution& expected : distributions) {
    SCOPED_TRACE(expected.yaml);
    covered.insert(expected.yaml.substr(0, expected.yaml.find(':')));
    const auto values = draw(expected.yaml, kernel, 7, expected.preset);
    const auto n = static_cast<double>(values.size());
    const double sigma = std::sqrt(expected.variance);
    const Moments actual = moments(values);
    EXPECT_NEAR(actual.mean, expected.mean, 5 * sigma / std::sqrt(n));
    EXPECT_NEAR(actual.variance, expected.variance, 5 * expected.variance * std::sqrt(2 / n));
    const double reach = std::max(expected.mean - actual.low, actual.high - expected.mean);
    if (expected.reach == unbounded) {
      EXPECT_GT(reach, 4 * sigma);
    } else {
      EXPECT_LE(reach, expected.reach * sigma * (1 + 1e-12));
      EXPECT_GE(reach, 0.999 * expected.reach * sigma);
    }
  }
  EXPECT_THAT(registry().initializers.kinds(), testing::UnorderedElementsAreArray(covered));
}

TEST(Initializers, DependOnTheStreamAlone) {
  for (const Distribution& distribution : distributions) {
    EXPECT_EQ(draw(distribution.yaml, {30, 20}, 3), draw(distribution.yaml, {30, 20}, 3)) << distribution.yaml;
    if (distribution.variance > 0) {
      EXPECT_NE(draw(distribution.yaml, {30, 20}, 3), draw(distribution.yaml, {30, 20}, 4)) << distribution.yaml;
    }
  }
}

// Of rows × columns: the inner products of its columns, or of its rows when it is wide.
void expect_orthonormal(const std::vector<double>& values, std::size_t rows, std::size_t columns, double gain) {
  const bool wide = rows < columns;
  const auto at = [&](std::size_t i, std::size_t j) {
    return wide ? values[j * columns + i] : values[i * columns + j];
  };
  for (std::size_t a = 0; a < std::min(rows, columns); ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double product = 0;
      for (std::size_t i = 0; i < std::max(rows, columns); ++i) product += at(i, a) * at(i, b);
      EXPECT_NEAR(product, a == b ? gain * gain : 0, 1e-12) << rows << "x" << columns << ": " << a << ", " << b;
    }
  }
}

TEST(Initializers, OrthogonalColumnsOrRows) {
  expect_orthonormal(draw("orthogonal", {20, 7}), 20, 7, 1);
  expect_orthonormal(draw("orthogonal", {7, 20}), 7, 20, 1);
  expect_orthonormal(draw("orthogonal: 2", {9, 9}), 9, 9, 2);
  expect_orthonormal(draw("orthogonal", {3, 3, 4, 8}), 36, 8, 1);
  expect_orthonormal(draw("orthogonal", {2, 2, 1, 8}), 4, 8, 1);
}

// A decomposition's own signs would make the first element negative always.
TEST(Initializers, OrthogonalSignsAreFair) {
  int positive = 0;
  double determinants = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const auto q = draw("orthogonal", {2, 2}, seed);
    positive += q[0] > 0;
    determinants += q[0] * q[3] - q[1] * q[2];
  }
  EXPECT_NEAR(positive, 200, 50);
  EXPECT_NEAR(determinants, 0, 100);
}

TEST(Initializers, OrthogonalNeedsAMatrix) {
  try {
    draw("orthogonal", {5});
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    EXPECT_THAT(error.what(), HasSubstr("shape [5]"));
  }
}

TEST(Initializers, BoundsInTheWrongOrderAreAProblem) {
  EXPECT_THAT([] { draw("uniform: {low: 1, high: 0}", {2}); },
              testing::ThrowsMessage<UserError>(HasSubstr("low is above high")));
}

}  // namespace
}  // namespace duel
