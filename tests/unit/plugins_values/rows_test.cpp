// Functions that tell rows, or layers, apart by their number.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tests/support/vectors.hpp"
#include "tests/unit/plugins_values/function_harness.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(EachClass, CountsTheClassesAgainAndAgain) {
  EXPECT_EQ(evaluated("each_class(3)").shape, Shape{4});
  EXPECT_THAT(evaluated("each_class(3)").values, ElementsAre(0, 1, 2, 0));
  EXPECT_THAT(evaluated("each_class(2, batch=5)").values, ElementsAre(0, 1, 0, 1, 0));
  // Exact in single precision as well: i/classes is never rounded up to a whole number.
  const auto many = evaluated("each_class(7, batch=100000)").values;
  for (std::size_t i = 0; i < many.size(); ++i) ASSERT_EQ(many[i], static_cast<double>(i % 7));
}

TEST(Ramp, GoesInEqualSteps) {
  EXPECT_EQ(evaluated("ramp(-1, 2)").shape, (Shape{4, 1}));
  EXPECT_THAT(evaluated("ramp(-1, 1, batch=5)").values, ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(evaluated("ramp(1, 0, steps=2)").values, ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(evaluated("ramp(0, 1, steps=3, batch=5)").values, ElementsAre(0, 0.5, 1, 0, 0.5));
  EXPECT_THAT(evaluated("ramp(3, 5, batch=1)").values, ElementsAre(3));
  EXPECT_EQ(evaluated("ramp(0, 1, shape=[])").shape, Shape{4});
  EXPECT_THAT(evaluated("ramp(0, 3, shape=2, batch=2)").values, ElementsAre(0, 0, 3, 3));
}

TEST(RepeatRows, KeepsTheNumberOfRows) {
  const HostTensor x{{5, 2}, {0, 1, 10, 11, 20, 21, 30, 31, 40, 41}};
  EXPECT_THAT(evaluated("repeat_rows(a, 2)", {x}).values, ElementsAre(0, 1, 0, 1, 10, 11, 10, 11, 20, 21));
  EXPECT_EQ(evaluated("repeat_rows(a, 1)", {x}).values, x.values);
  EXPECT_THAT(refused("repeat_rows(sum(a), 2)", {x}), HasSubstr("has no rows"));
}

TEST(Styles, AreTheSameForEachLayer) {
  const HostTensor w{{2, 2}, {1, 2, 3, 4}};
  EXPECT_EQ(evaluated("styles(a, 3)", {w}).shape, (Shape{2, 3, 2}));
  EXPECT_THAT(evaluated("styles(a, 2)", {w}).values, ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
  EXPECT_THAT(refused("styles(sum(a), 2)", {w}), HasSubstr("a vector for each example"));
}

TEST(MixStyles, CrossesOverWhereItIsTold) {
  const HostTensor a{{1, 1}, {1}}, b{{1, 1}, {2}};
  EXPECT_THAT(evaluated("mix_styles(a, b, 3, at=0)", {a, b}).values, ElementsAre(2, 2, 2));
  EXPECT_THAT(evaluated("mix_styles(a, b, 3, at=1)", {a, b}).values, ElementsAre(1, 2, 2));
  EXPECT_THAT(evaluated("mix_styles(a, b, 3, at=3)", {a, b}).values, ElementsAre(1, 1, 1));
  EXPECT_THAT(evaluated("mix_styles(a, b, 1)", {a, b}).values, ElementsAre(1));
  EXPECT_THAT(refused("mix_styles(a, b, 3, at=4)", {a, b}), HasSubstr("'at' is 4, and there are 3 layers"));
  EXPECT_THAT(refused("mix_styles(a, styles(b, 2), 3)", {a, b}), HasSubstr("a vector for each example"));
}

// Each crossover of 1 … 3 as often, in nine rows of ten; else none.
TEST(MixStyles, CrossesOverAtRandom) {
  constexpr std::size_t rows = 20000;
  const HostTensor zeros{{rows, 1}, std::vector<double>(rows, 0)}, ones{{rows, 1}, std::vector<double>(rows, 1)};
  const auto mixed = evaluated("mix_styles(a, b, 4)", {zeros, ones}).values;
  std::array<int, 5> crossovers{};
  for (std::size_t row = 0; row < rows; ++row) {
    const double* const layers = &mixed[4 * row];
    ASSERT_TRUE(std::is_sorted(layers, layers + 4));
    ++crossovers[static_cast<std::size_t>(std::find(layers, layers + 4, 1) - layers)];
  }
  EXPECT_EQ(crossovers[0], 0);
  for (const std::size_t crossover : {1, 2, 3}) EXPECT_NEAR(crossovers[crossover], 0.3 * rows, 0.02 * rows);
  EXPECT_NEAR(crossovers[4], 0.1 * rows, 0.01 * rows);
}

TEST(Walk, GoesFromRowToRow) {
  const HostTensor x{{5, 1}, {0, 4, 2, 100, 100}};
  EXPECT_THAT(evaluated("walk(a, 2)", {x}).values, ElementsAre(0, 2, 4, 3, 2));
  EXPECT_THAT(evaluated("walk(a, 4)", {x}).values, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(evaluated("walk(a, 1)", {x}).values, x.values);
  EXPECT_EQ(evaluated("walk(a, 1, method=spherical)", {x}).values, x.values);
}

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Shoemake's formula with the arc cosine of the library, at angles from almost 0 to almost π.
TEST(Walk, OnTheSphereIsShoemakes) {
  for (const double wanted : {1e-4, 0.1, 1.0, std::numbers::pi / 2, 2.5, 3.14}) {
    const std::vector<double> a{3, 0, 0};
    const std::vector<double> b{2 * std::cos(wanted), 2 * std::sin(wanted), 0};
    HostTensor x{{8, 3}, std::vector<double>(24)};
    std::copy(a.begin(), a.end(), x.values.begin());
    std::copy(b.begin(), b.end(), x.values.begin() + 3);
    const auto walked = evaluated("walk(a, 8, method=spherical)", {x}).values;
    for (std::size_t step = 0; step < 8; ++step) {
      const double t = static_cast<double>(step) / 8;
      for (std::size_t i = 0; i < 3; ++i) {
        const double right = (std::sin((1 - t) * wanted) * a[i] + std::sin(t * wanted) * b[i]) / std::sin(wanted);
        EXPECT_NEAR(walked[3 * step + i], right, 1e-10 / std::sin(wanted)) << wanted << ' ' << t;
      }
    }
  }
}

TEST(Walk, OnTheSphereKeepsALength) {
  HostTensor x = random_tensor({16, 50}, 3);
  for (std::size_t row = 0; row < 16; ++row) {
    const double length = std::sqrt(dot(&x.values[50 * row], &x.values[50 * row], 50));
    for (std::size_t i = 0; i < 50; ++i) x.values[50 * row + i] /= length;
  }
  const auto walked = evaluated("walk(a, 4, method=spherical)", {x}).values;
  for (std::size_t row = 0; row < 16; ++row) {
    EXPECT_NEAR(dot(&walked[50 * row], &walked[50 * row], 50), 1, 1e-12);
  }
}

TEST(Walk, OnTheSphereIsALineWhereThereIsNoAngle) {
  EXPECT_THAT(evaluated("walk(a, 2, method=spherical)", {{{2, 2}, {1, 1, 3, 3}}}).values, ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(evaluated("walk(a, 2, method=spherical)", {{{2, 2}, {1, 0, -1, 0}}}).values, ElementsAre(1, 0, 0, 0));
}

}  // namespace
}  // namespace duel
