// Drawn points against the moments and shapes of their distributions.
#include <cmath>
#include <numbers>

#include "open_dataset.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

constexpr int64_t draws = 20000;

std::vector<std::vector<std::vector<float>>> draw_all(const std::string& yaml) {
  const auto dataset = open_dataset(yaml);
  std::vector<std::vector<std::vector<float>>> examples;
  for (int64_t i = 0; i < draws; ++i) examples.push_back(read_example(*dataset, i));
  return examples;
}

TEST(Points, AGaussianHasItsMeanDeviationAndNoCorrelation) {
  double sum[2] = {}, squares[2] = {}, product = 0;
  for (const auto& example : draw_all("gaussian: {mean: [0.5, -2], deviation: [0.1, 3]}")) {
    const double z[2] = {(example[0][0] - 0.5) / 0.1, (example[0][1] + 2) / 3};
    for (int i = 0; i < 2; ++i) {
      sum[i] += z[i];
      squares[i] += z[i] * z[i];
    }
    product += z[0] * z[1];
  }
  const double bound = 5 / std::sqrt(draws);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(sum[i] / draws, 0, bound);
    EXPECT_NEAR(squares[i] / draws, 1, bound * std::sqrt(2));
  }
  EXPECT_NEAR(product / draws, 0, bound);
}

TEST(Points, DimensionsComeFromTheListsOrAreTwo) {
  const auto shape_of = [](const std::string& yaml) { return open_dataset(yaml)->fields().at(0).shape; };
  EXPECT_EQ(shape_of("gaussian"), (Shape{2}));
  EXPECT_EQ(shape_of("gaussian: {mean: 3, dimensions: 5}"), (Shape{5}));
  EXPECT_EQ(shape_of("gaussian: {mean: [1, 2, 3]}"), (Shape{3}));
  EXPECT_EQ(shape_of("dirac"), (Shape{1}));
  EXPECT_EQ(shape_of("dirac: [1, 2]"), (Shape{2}));
  EXPECT_THAT(refusal_of("gaussian: {mean: [1, 2, 3], deviation: [1, 2]}", ExitCode::experiment),
              HasSubstr("'deviation' has 2 numbers for points of 3 dimensions"));
  EXPECT_THAT(refusal_of("dirac: {at: [], dimensions: 2}", ExitCode::experiment), HasSubstr("'at' has 0 numbers"));
}

TEST(Points, RingModesAreEquallyLikelyAndWhereTheirLabelsSay) {
  std::vector<int> counts(6);
  double squares = 0;
  for (const auto& example : draw_all("ring: {modes: 6, radius: 3, deviation: 0.1}")) {
    const double angle = 2 * std::numbers::pi * example[1][0] / 6;
    squares += std::pow(example[0][0] - 3 * std::cos(angle), 2) + std::pow(example[0][1] - 3 * std::sin(angle), 2);
    ++counts.at(static_cast<std::size_t>(example[1][0]));
  }
  EXPECT_NEAR(squares / draws, 2 * 0.01, 0.02 * 5 / std::sqrt(draws));
  for (const int count : counts) EXPECT_NEAR(count, draws / 6.0, 5 * std::sqrt(draws / 6.0));
  EXPECT_EQ(open_dataset("ring")->fields().at(1), (Field{"label", {}, 8}));
}

TEST(Points, GridModesAreAtMultiplesOfTheSpacing) {
  std::vector<int> counts(25);
  for (const auto& example : draw_all("grid: {deviation: 0}")) {
    const auto label = static_cast<int>(example[1][0]);
    EXPECT_EQ(example[0][0], static_cast<float>(2 * (label % 5) - 4));
    EXPECT_EQ(example[0][1], static_cast<float>(2 * (label / 5) - 4));
    ++counts.at(static_cast<std::size_t>(label));
  }
  for (const int count : counts) EXPECT_NEAR(count, draws / 25.0, 5 * std::sqrt(draws / 25.0));
}

TEST(Points, CurvesGoWhereTheyShould) {
  for (const auto& example : draw_all("circle: {radius: 2, deviation: 0}")) {
    EXPECT_NEAR(std::hypot(example[0][0], example[0][1]), 2, 1e-5);
  }
  for (const auto& example : draw_all("moons: 0")) {
    const double x = example[0][0], y = example[0][1];
    const bool upper = std::abs(std::hypot(x, y) - 1) < 1e-5 && y > -1e-5;
    const bool lower = std::abs(std::hypot(x - 1, y - 0.5) - 1) < 1e-5 && y < 0.5 + 1e-5;
    EXPECT_TRUE(upper || lower) << x << ", " << y;
  }
  double farthest = 0;
  for (const auto& example : draw_all("swiss_roll: {radius: 3, deviation: 0}")) {
    const double r = std::hypot(example[0][0], example[0][1]);
    const double t = r / 3 * 4.5 * std::numbers::pi;
    EXPECT_NEAR(r * std::cos(t), example[0][0], 1e-4);
    EXPECT_GT(r, 0.999);
    farthest = std::max(farthest, r);
  }
  EXPECT_NEAR(farthest, 3, 0.01);
}

TEST(Points, DiracIsAlwaysTheSame) {
  EXPECT_EQ(read_example(*open_dataset("dirac"), 5)[0], std::vector<float>{0});
  EXPECT_EQ(read_example(*open_dataset("dirac: {at: 3, dimensions: 2}"), 7)[0], (std::vector<float>{3, 3}));
}

TEST(Points, AnExampleDependsOnSeedAndIndexAlone) {
  for (const char* kind : {"gaussian", "ring", "grid", "circle", "moons", "swiss_roll"}) {
    const auto first = open_dataset(kind), again = open_dataset(kind);
    const auto other = open_dataset(std::string(kind) + ": {seed: 1, count: 100}");
    EXPECT_EQ(first->size(), std::nullopt);
    EXPECT_EQ(other->size(), 100);
    read_example(*first, 3);
    EXPECT_EQ(read_example(*first, 17), read_example(*again, 17));
    EXPECT_NE(read_example(*first, 17), read_example(*first, 18));
    EXPECT_NE(read_example(*first, 17), read_example(*other, 17));
    EXPECT_EQ(first->fingerprint(), again->fingerprint());
    EXPECT_NE(first->fingerprint(), other->fingerprint());
    EXPECT_EQ(dataset_source(kind)->known_fields(), first->fields());
  }
}

}  // namespace
}  // namespace duel
