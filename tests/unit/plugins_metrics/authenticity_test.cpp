// Authenticity by hand, by theory, and against scipy (make_labels_and_scores.py).
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

FeatureMatrix line(const Values& values) { return FeatureMatrix::of(values, 1, "a.npy", {"values", "", "", ""}); }

TEST(Authenticity, OfPointsOnALineIsThatOfACountByHand) {
  // Distances of the reals to their nearest others: 1, 1, 3, 3.5.
  const auto real = line({0, 1, 4, 7.5});
  // Of the fakes to their nearest real: .25 < 1, 1 = 1, 2 > 1, 1 < 3, 2.5 < 3.5, 92.5 > 3.5.
  const auto fake = line({.25, 2, -2, 5, 10, 100});
  const auto record = score("authenticity", real, fake);
  EXPECT_EQ(record.metric, "authenticity");
  EXPECT_NEAR(record.value, 2.0 / 6, 1e-15);
  EXPECT_NEAR(*record.uncertainty, std::sqrt(2.0 / 6 * 4 / 6 / 6), 1e-15);
  EXPECT_EQ(record.better, Better::higher);
  EXPECT_THAT(record.warnings, IsEmpty());
}

TEST(Authenticity, SeesCopiesAndNearCopies) {
  const auto real = normal(600, 10, 1);
  EXPECT_EQ(score("authenticity", real, real).value, 0);
  Values near;
  for (int64_t i = 0; i < real.count(); ++i) {
    Values row(10);
    real.copy_row(i, row.data());
    for (double& value : row) value += 1e-3;
    near.insert(near.end(), row.begin(), row.end());
  }
  EXPECT_EQ(score("authenticity", real, FeatureMatrix::of(near, 10)).value, 0);
  EXPECT_EQ(score("authenticity", real, normal(300, 10, 2, 20)).value, 1) << "far away, all are new";
}

// Of many uniform points the share 2/3 on a line, and 6π/(8π + 3√3) in the plane, are the nearest of their nearest
// (Pickard, Isolated nearest neighbours, 1982): such a fake is no news.
TEST(Authenticity, OfFreshSamplesIsThatOfTheory) {
  constexpr double pi = std::numbers::pi;
  const std::array expected{1.0 / 3, 1 - 6 * pi / (8 * pi + 3 * std::sqrt(3.0))};
  for (const int64_t width : {1, 2}) {
    const auto draw = [&](uint64_t seed) {
      RandomStream random(stream_key(seed, 0, "uniform"));
      Values values;
      for (int64_t i = 0; i < 4000 * width; ++i) values.push_back(random.uniform());
      return FeatureMatrix::of(values, width);
    };
    EXPECT_NEAR(score("authenticity", draw(1), draw(2)).value, expected[static_cast<std::size_t>(width - 1)], 0.03);
  }
}

TEST(Authenticity, IsThatOfScipy) {
  const nlohmann::json numbers = numbers_of("labels_and_scores.json");
  for (const auto& expected : numbers.at("authenticity")) {
    const int64_t rows = expected.at("rows"), columns = expected.at("columns");
    const auto real = FeatureMatrix::of(congruent(rows * columns, 1), columns);
    const auto fake =
        FeatureMatrix::of(congruent((rows + 70) * columns, 2, expected.at("scale"), expected.at("shift")), columns);
    EXPECT_NEAR(score("authenticity", real, fake).value, expected.at("value").get<double>(), 1e-15) << rows;
  }
}

TEST(Authenticity, OfRealsThatAreThereTwiceTakesNoCopyForNew) {
  const auto real = line({0, 0, 5, 7});
  const auto record = score("authenticity", real, line({0, .1, 5}));
  EXPECT_NEAR(record.value, 1.0 / 3, 1e-15);
  EXPECT_THAT(record.warnings, Contains(HasSubstr("1 of the reals next to fakes are there more than once")));
  const auto constant = FeatureMatrix::of(Values(20, 3.0), 2);
  EXPECT_EQ(score("authenticity", constant, constant).value, 0);
}

TEST(Authenticity, RefusesWhatItCannotJudge) {
  const auto one = normal(1, 2, 1), two = normal(2, 2, 2);
  EXPECT_THAT(refusal_of("authenticity", one, two), HasSubstr("has 1 rows, and authenticity needs 2 or more"));
  EXPECT_EQ(refusal_of("authenticity", two, one), "accepted");
  const auto huge = line({1e200, 2e200});
  EXPECT_THAT(refusal_of("authenticity", huge, huge), HasSubstr("too large for distances"));
}

TEST(Authenticity, HasTheSameBitsOnAnyNumberOfThreads) {
  expect_the_same_bits("authenticity", normal(700, 30, 1), normal(600, 30, 2));
}

}  // namespace
}  // namespace duel
