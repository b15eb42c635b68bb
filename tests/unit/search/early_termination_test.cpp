// Who goes on at a comparison, by cases counted by hand.
#include "search/early_termination.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace duel {
namespace {

EarlyTermination halving() {
  EarlyTermination rule;
  rule.type = EarlyTermination::Type::hyperband;
  rule.min = 2;
  rule.max = 54;
  rule.eta = 3;
  rule.brackets = 1;
  return rule;
}

TEST(Hyperband, ComparesAtPowersOfEtaBeforeTheEnd) {
  EXPECT_EQ(next_comparison(halving(), 0, 0), 2.0);
  EXPECT_EQ(next_comparison(halving(), 0, 2), 6.0);
  EXPECT_EQ(next_comparison(halving(), 0, 18), std::nullopt) << "54 is the end of the training";
  EXPECT_EQ(most_brackets(2, 54, 3), 4);
  EXPECT_EQ(most_brackets(1, 27, 3), 4);
  EXPECT_EQ(most_brackets(1, 26, 3), 3);
}

TEST(Hyperband, LetsTheBestThirdOfThoseThatCameAsFarGoOn) {
  std::map<int64_t, LearningCurve> others;
  EXPECT_FALSE(should_end(halving(), 0, 2, {{2, 5.0}}, others)) << "the first one is the best of one";
  others[0] = {{2, 5.0}};
  EXPECT_TRUE(should_end(halving(), 1, 2, {{2, 6.0}}, others));
  EXPECT_FALSE(should_end(halving(), 1, 2, {{2, 4.0}}, others));
  for (int64_t i = 1; i <= 5; ++i) others[i] = {{2, 5.0 + static_cast<double>(i)}};  // 5 … 10
  // Seven with this one: the best two go on.
  EXPECT_FALSE(should_end(halving(), 9, 2, {{2, 5.5}}, others));
  EXPECT_TRUE(should_end(halving(), 9, 2, {{2, 6.5}}, others));
  EXPECT_FALSE(should_end(halving(), 9, 6, {{2, 6.5}, {6, 100.0}}, others)) << "nobody else has come so far";
}

TEST(Hyperband, DealsTrialsToBracketsByTheirShares) {
  EarlyTermination rule = halving();
  rule.brackets = 3;  // shares ⌈3·9/3⌉, ⌈3·3/2⌉, 3: 9 : 5 : 3
  std::map<int64_t, int> counts;
  for (int64_t number = 0; number < 1700; ++number) ++counts[bracket_of(rule, number)];
  EXPECT_NEAR(counts[0], 900, 100);
  EXPECT_NEAR(counts[1], 500, 85);
  EXPECT_NEAR(counts[2], 300, 70);
  for (int64_t number = 0; number < 50; ++number) {
    const double first = 2 * std::pow(3, static_cast<double>(bracket_of(rule, number)));
    EXPECT_DOUBLE_EQ(next_comparison(rule, number, 0).value(), first);
  }
}

TEST(Hyperband, ComparesWithinABracket) {
  EarlyTermination rule = halving();
  rule.brackets = 2;
  int64_t other = 1;
  while (bracket_of(rule, other) == bracket_of(rule, 0)) ++other;
  const double place = next_comparison(rule, 0, 0).value();
  const std::map<int64_t, LearningCurve> curves{{other, {{place, 1.0}}}};
  EXPECT_FALSE(should_end(rule, 0, place, {{place, 2.0}}, curves));
}

EarlyTermination median_rule() {
  EarlyTermination rule;
  rule.type = EarlyTermination::Type::median;
  rule.min = 2;
  rule.interval = 3;
  rule.least_trials = 3;
  return rule;
}

TEST(Median, ComparesFromMinOnAtEveryInterval) {
  EXPECT_EQ(next_comparison(median_rule(), 0, 0), 2.0);
  EXPECT_EQ(next_comparison(median_rule(), 0, 2), 5.0);
  EXPECT_EQ(next_comparison(median_rule(), 0, 5), 8.0);
}

TEST(Median, EndsWhoseBestIsWorseThanTheOthersMedian) {
  const std::map<int64_t, LearningCurve> others{{0, {{2, 1.0}}}, {1, {{2, 3.0}}}, {2, {{2, 10.0}}}};
  EXPECT_TRUE(should_end(median_rule(), 5, 2, {{2, 3.5}}, others));
  EXPECT_FALSE(should_end(median_rule(), 5, 2, {{2, 3.0}}, others));
  EXPECT_FALSE(should_end(median_rule(), 5, 5, {{2, 3.5}, {5, 9.0}}, others)) << "too few have come to 5";
}

TEST(EarlyTermination, EndsWhatIsNoNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(should_end(halving(), 0, 2, {{2, infinity}}, {}));
  EXPECT_TRUE(should_end(median_rule(), 0, 2, {{2, infinity}}, {}));
}

}  // namespace
}  // namespace duel
