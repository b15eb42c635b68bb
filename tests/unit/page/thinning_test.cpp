#include "page/thinning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

TEST(ThinOut, KeepsTheLowestAndTheHighestOfEachStretchInTheirOrder) {
  const std::vector<double> records{5, 1, 9, 3, 7, 2, 8, 4};
  const ThinnedCurve curve = thin_out(records, 2);
  EXPECT_THAT(curve.at, ElementsAre(0, 1, 2, 5, 6, 7));  // the first and the last too
  EXPECT_THAT(curve.values, ElementsAre(5, 1, 9, 2, 8, 4));
  EXPECT_THAT(curve.means, ElementsAre(4.5, 5.25));
}

TEST(ThinOut, LosesNoExtremeOfALongCurve) {
  std::vector<double> records(10007);
  for (std::size_t i = 0; i < records.size(); ++i) records[i] = std::sin(static_cast<double>(i * i % 977));
  records[4321] = 50;
  records[8765] = -50;
  const ThinnedCurve curve = thin_out(records, 100);
  EXPECT_EQ(std::ranges::max(curve.values), 50);
  EXPECT_EQ(std::ranges::min(curve.values), -50);
  EXPECT_LE(curve.at.size(), 202U);
  EXPECT_TRUE(std::ranges::is_sorted(curve.at));
  for (std::size_t i = 0; i < curve.at.size(); ++i) EXPECT_EQ(curve.values[i], records[curve.at[i]]);
  // The stretches cover every record once, so that their means have the mean of all, but for one record's weight.
  const double mean = std::accumulate(records.begin(), records.end(), 0.0) / 10007;
  EXPECT_NEAR(std::accumulate(curve.means.begin(), curve.means.end(), 0.0) / 100, mean, 0.02);
}

TEST(ThinOut, PassesOverWhatIsNotFinite) {
  const std::vector<double> records{not_a_number, not_a_number, 3, std::numeric_limits<double>::infinity(), 1, 2};
  const ThinnedCurve curve = thin_out(records, 3);
  EXPECT_THAT(curve.at, ElementsAre(0, 2, 4, 5));
  EXPECT_TRUE(std::isnan(curve.means[0]));
  EXPECT_EQ(curve.means[1], 3);
  EXPECT_EQ(curve.means[2], 1.5);
}

TEST(ThinOut, OfFewRecordsKeepsAll) {
  EXPECT_THAT(thin_out(std::vector<double>{4, 2}, 100).values, ElementsAre(4, 2));
  EXPECT_THAT(thin_out({}, 100).at, IsEmpty());
}

TEST(Evenly, HasTheFirstAndTheLast) {
  EXPECT_THAT(evenly(10, 4), ElementsAre(0, 3, 6, 9));
  EXPECT_THAT(evenly(10, 2), ElementsAre(0, 9));
  EXPECT_THAT(evenly(10, 1), ElementsAre(9));
  EXPECT_THAT(evenly(3, 10), ElementsAre(0, 1, 2));
  EXPECT_THAT(evenly(0, 5), IsEmpty());
  EXPECT_THAT(evenly(7, 0), IsEmpty());
}

}  // namespace
}  // namespace duel
