// Metrics against closed forms, and against what scipy and scikit-learn compute (make_metrics.py).
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "plugins/metrics/fid_infinity.hpp"
#include "plugins/metrics/frechet.hpp"
#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

FeatureStatistics statistics(Values mean, Values covariance) {
  return {1000, std::move(mean), std::move(covariance), {"values", "", "", ""}, "statistics"};
}

// ---- closed forms

TEST(Fid, OfDiagonalCovariancesIsThatOfTheFormula) {
  const auto real = statistics({1, 2, 3}, {1, 0, 0, 0, 4, 0, 0, 0, 9});
  const auto fake = statistics({0, 2, 5}, {4, 0, 0, 0, 1, 0, 0, 0, 16});
  EXPECT_NEAR(score("fid", real, fake).value, 8, 1e-12);
  EXPECT_NEAR(score("fid", fake, real).value, 8, 1e-12);
}

TEST(Fid, OfFullCovariancesIsThatOfTheFormula) {
  const auto real = statistics({1, 2}, {2, .5, .5, 1}), fake = statistics({0, 0}, {1, -.3, -.3, 2});
  const auto record = score("fid", real, fake);
  EXPECT_NEAR(record.value, 5.575425893305, 1e-11);
  EXPECT_FALSE(record.rank_deficient);
  EXPECT_THAT(record.warnings, IsEmpty());
}

TEST(Fid, ToItselfIsNothingAndNeverNegative) {
  for (const int64_t rows : {5, 20, 400}) {
    const auto side = normal(rows, 30, 1, 5);
    const double value = score("fid", side, side).value;
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 1e-11);
  }
}

// E FID of n samples of N(0, I) to N(0, I) is (d + d(d + 1)/4)/n to first order.
TEST(Fid, HasTheBiasThatTheoryFinds) {
  constexpr int64_t d = 8, n = 2000, draws = 20;
  Values identity(d * d);
  for (std::size_t i = 0; i < d; ++i) identity[i * d + i] = 1;
  double mean = 0;
  for (uint64_t seed = 0; seed < draws; ++seed) {
    mean += score("fid", statistics(Values(d, 0.0), identity), normal(n, d, seed)).value / draws;
  }
  const double expected = (d + d * (d + 1) / 4.0) / n;
  EXPECT_NEAR(mean, expected, 0.1 * expected);
}

TEST(Kid, OfTwoPointsASideIsThatOfTheFormula) {
  EXPECT_NEAR(value_of("kid", {1, 0, 0, 1}, {1, 1, -1, 0}, 2), -2.8125, 1e-14);
}

TEST(InceptionScore, OfSureAndOfConstantRows) {
  constexpr std::size_t classes = 7, rows = 70;
  Values sure(classes * rows), constant(classes * rows, 1.0 / classes);
  for (std::size_t i = 0; i < rows; ++i) sure[i * classes + i % classes] = 1;
  const auto best = score("inception_score", FeatureMatrix::of(sure, classes), FeatureMatrix::of(sure, classes));
  EXPECT_NEAR(best.value, classes, 1e-12);
  EXPECT_NEAR(*best.uncertainty, 0, 1e-12);
  EXPECT_NEAR(value_of("inception_score", sure, constant, classes), 1, 1e-12);
}

TEST(Prdc, OfPointsOnALineIsThatOfACountByHand) {
  const Values real{0, 1, 2, 3, 4, 10}, fake{.25, .5, 3.5, 20, 21, 22};
  const auto records = scores("prdc: {k: 1}", FeatureMatrix::of(real, 1), FeatureMatrix::of(fake, 1));
  ASSERT_EQ(records.size(), 4u);
  const std::vector<std::pair<std::string, double>> expected{
      {"precision", .5}, {"recall", 5.0 / 6}, {"density", 1}, {"coverage", 2.0 / 3}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(records[i].metric, expected[i].first);
    EXPECT_NEAR(records[i].value, expected[i].second, 1e-15) << records[i].metric;
    EXPECT_EQ(records[i].protocol.parameters.at("k"), "1");
  }
}

// Naeem et al.: the expected density is 1, the expected coverage .968984 for 1000 samples a side and k = 5.
TEST(Prdc, OfOneDistributionIsThatOfTheory) {
  constexpr int draws = 4;
  double density = 0, coverage = 0;
  for (uint64_t seed = 0; seed < draws; ++seed) {
    const auto records = scores("prdc", normal(1000, 8, 2 * seed), normal(1000, 8, 2 * seed + 1));
    density += records[2].value / draws;
    coverage += records[3].value / draws;
    EXPECT_EQ(records[0].protocol.parameters.at("k"), "3");
    EXPECT_EQ(records[2].protocol.parameters.at("k"), "5");
  }
  EXPECT_NEAR(density, 1, 0.05);
  EXPECT_NEAR(coverage, .968984, 0.008);
}

TEST(FidInfinity, IsWithoutBias) {
  constexpr int64_t d = 8;
  Values identity(d * d);
  for (std::size_t i = 0; i < d; ++i) identity[i * d + i] = 1;
  const auto exact = statistics(Values(d, 0.0), identity);
  constexpr int draws = 30;
  double biased = 0, unbiased = 0;
  EvaluationRecord record;
  for (uint64_t seed = 0; seed < draws; ++seed) {
    const auto fake = normal(3000, d, seed);
    biased += score("fid", exact, fake).value / draws;
    record = score("fid_infinity", exact, fake, 1);
    unbiased += record.value / draws;
  }
  EXPECT_LT(std::abs(unbiased), 0.2 * biased);
  EXPECT_GT(*record.uncertainty, 0);
  EXPECT_EQ(record.protocol.seed, 1u);
  EXPECT_EQ(record.protocol.parameters.at("smallest"), "300");
}

// ---- other libraries

class OtherLibraries : public testing::TestWithParam<std::size_t> {
 protected:
  const nlohmann::json expected_ = numbers_of("metrics.json").at("cases")[GetParam()];
  const int64_t rows_ = expected_.at("rows"), columns_ = expected_.at("columns");
  const FeatureMatrix real_ = FeatureMatrix::of(congruent(rows_ * columns_, 1), columns_);
  const FeatureMatrix fake_ =
      FeatureMatrix::of(congruent(rows_ * columns_, 2, expected_.at("scale"), expected_.at("shift")), columns_);
};

TEST_P(OtherLibraries, AgreeOnFid) {
  const double expected = expected_.at("fid");
  EXPECT_NEAR(score("fid", real_, fake_).value, expected, 1e-9 * expected);
}

TEST_P(OtherLibraries, AgreeOnKid) {
  const double expected = expected_.at("kid");
  EXPECT_NEAR(score("kid", real_, fake_).value, expected, 1e-9 * std::abs(expected) + 1e-12);
}

TEST_P(OtherLibraries, AgreeOnPrdc) {
  for (const auto& [yaml, name] : {std::pair{"prdc", "prdc"}, {"prdc: {k: 2}", "prdc k=2"}}) {
    for (const EvaluationRecord& record : scores(yaml, real_, fake_)) {
      EXPECT_NEAR(record.value, expected_.at(name).at(record.metric).get<double>(), 1e-12) << name << record.metric;
    }
  }
}

TEST_P(OtherLibraries, AgreeOnInceptionScores) {
  Values values = congruent(rows_ * columns_, 3, 8);
  for (auto row = values.begin(); row != values.end(); row += columns_) {
    double sum = 0;
    for (int64_t i = 0; i < columns_; ++i) sum += row[i] = std::exp(row[i]);
    for (int64_t i = 0; i < columns_; ++i) row[i] /= sum;
  }
  const auto rows = FeatureMatrix::of(values, columns_);
  const auto ten = score("inception_score", rows, rows), one = score("inception_score: {splits: 1}", rows, rows);
  EXPECT_NEAR(ten.value, expected_.at("inception_score")[0].get<double>(), 1e-12);
  EXPECT_NEAR(*ten.uncertainty, expected_.at("inception_score")[1].get<double>(), 1e-12);
  EXPECT_NEAR(one.value, expected_.at("inception_score splits=1")[0].get<double>(), 1e-12);
  EXPECT_EQ(one.uncertainty, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Cases, OtherLibraries, testing::Values(0, 1, 2));

TEST(Intercept, IsThatOfScipy) {
  const auto expected = numbers_of("metrics.json").at("regression");
  const auto x = expected.at("x").get<Values>(), y = expected.at("y").get<Values>();
  const Intercept intercept = intercept_of(x, y);
  EXPECT_NEAR(intercept.value, expected.at("intercept").get<double>(), 1e-12);
  EXPECT_NEAR(intercept.error, expected.at("error").get<double>(), 1e-12);
}

// ---- the same bits

TEST(Metrics, AreTheSameBitsOnAnyNumberOfThreads) {
  const auto real = normal(700, 300, 1), fake = normal(600, 300, 2, 0.1);
  for (const std::string yaml : {"fid", "fid_infinity: {points: 3}", "kid: {subsets: 7, subset_size: 300}", "prdc"}) {
    expect_the_same_bits(yaml, real, fake, 4);
  }
}

TEST(Kid, DependsOnTheSeedAlone) {
  const auto real = normal(400, 4, 1), fake = normal(300, 4, 2, 0.5);
  const std::string yaml = "kid: {subsets: 20, subset_size: 50}";
  const auto first = score(yaml, real, fake, 1);
  EXPECT_EQ(first.value, score(yaml, real, fake, 1).value);
  EXPECT_NE(first.value, score(yaml, real, fake, 2).value);
  EXPECT_EQ(first.protocol.seed, 1u);
  EXPECT_THAT(first.warnings, IsEmpty());
  // The whole sides: what the subsets estimate.
  EXPECT_NEAR(first.value, score("kid: {subsets: 400, subset_size: 250}", real, fake).value, *first.uncertainty);
}

// More subsets than are summed at a time: their mean estimates what the whole sides give.
TEST(Kid, OfVeryManySubsetsIsThatOfTheWhole) {
  const Values a = congruent(8, 1), b = congruent(8, 2, 2.0);
  const auto real = FeatureMatrix::of(a, 2), fake = FeatureMatrix::of(b, 2);
  const auto many = score("kid: {subsets: 100000, subset_size: 2}", real, fake);
  EXPECT_NEAR(many.value, score("kid", real, fake).value, 4 * *many.uncertainty / std::sqrt(100000));
}

// ---- what is out of the ordinary

TEST(Kid, SaysWhenThereAreFewSamples) {
  const auto few = score("kid", normal(30, 4, 1), normal(20, 4, 2));
  EXPECT_THAT(few.warnings, Contains("there are few samples: subsets have 20 rows instead of 1000"));
  EXPECT_EQ(few.protocol.parameters.at("subset_size"), "20");
  EXPECT_EQ(few.protocol.parameters.at("subsets"), "100");
  EXPECT_TRUE(few.uncertainty.has_value());
  const auto whole = score("kid", normal(20, 4, 1), normal(20, 4, 2));
  EXPECT_THAT(whole.warnings, Contains(HasSubstr("the uncertainty is not known")));
  EXPECT_EQ(whole.uncertainty, std::nullopt);
  EXPECT_EQ(whole.protocol.parameters.at("subsets"), "1");
}

TEST(Metrics, NeedEnoughSamples) {
  const auto enough = normal(100, 2, 1), one = normal(1, 2, 2), five = normal(5, 2, 3);
  EXPECT_THAT(refusal_of("fid", enough, one), HasSubstr("has 1 rows, and a covariance needs 2 or more"));
  EXPECT_THAT(refusal_of("kid", one, enough), HasSubstr("has 1 rows, and kid needs 2 or more"));
  EXPECT_THAT(refusal_of("prdc", five, enough), HasSubstr("has 5 rows, and prdc with k = 5 needs 6 or more"));
  EXPECT_THAT(refusal_of("prdc", enough, five), HasSubstr("prdc with k = 5"));
  EXPECT_EQ(refusal_of("prdc: {k: 4}", enough, five), "accepted");
  EXPECT_THAT(refusal_of("fid_infinity", enough, five), HasSubstr("fid_infinity with 15 sizes from 2 needs 16"));
  const auto sure = FeatureMatrix::of(Values{1, 0, 0, 1}, 2);
  EXPECT_THAT(refusal_of("inception_score", sure, sure), HasSubstr("inception_score with 10 splits needs 10 or more"));
}

TEST(Fid, OfTooFewSamplesSaysThatTheCovarianceLacksRank) {
  const auto record = score("fid", normal(20, 30, 1), normal(500, 30, 2));
  EXPECT_TRUE(record.rank_deficient);
  EXPECT_THAT(record.warnings, Contains(HasSubstr("the covariance of the reals has no full rank: ")));
  EXPECT_THAT(score("fid", normal(500, 30, 2), normal(20, 30, 1)).warnings,
              Contains(HasSubstr("the covariance of the fakes has no full rank: ")));
  EXPECT_THAT(score("fid", normal(20, 30, 2), normal(20, 30, 1)).warnings,
              Contains(HasSubstr("the covariances of the reals and of the fakes have no full rank: ")));
  EXPECT_TRUE(score("fid_infinity", normal(500, 30, 2), normal(200, 30, 1)).rank_deficient) << "its smallest size";
}

// Eigenvalues that are rounding are positive as often as not.
TEST(Gaussian, HasTheRankThatSamplesGive) {
  for (const int64_t rows : {2, 10, 20, 30}) {
    EXPECT_EQ(Gaussian(statistics_of(normal(rows, 30, 1, 5))).rank(), rows - 1) << rows;
  }
  EXPECT_EQ(Gaussian(statistics_of(normal(40, 30, 1, 5))).rank(), 30);
  EXPECT_EQ(Gaussian(statistics_of(FeatureMatrix::of(Values(60, 1.0), 3))).rank(), 0);
}

TEST(Metrics, OfConstantFeaturesAreNumbers) {
  const auto ones = FeatureMatrix::of(Values(60, 1.0), 3), twos = FeatureMatrix::of(Values(60, 2.0), 3);
  const auto fid = score("fid", ones, twos);
  EXPECT_NEAR(fid.value, 3, 1e-14);
  EXPECT_TRUE(fid.rank_deficient);
  EXPECT_EQ(score("kid: {subset_size: 5}", ones, ones).value, 0);
  const Values same{1, 1, 0, 0}, other{0, 0, 0, 0};
  const auto equal = scores("prdc", ones, ones), apart = scores("prdc", ones, twos);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(equal[i].value, same[i]) << equal[i].metric;  // balls of radius 0 hold their centre for ≤ alone
    EXPECT_EQ(apart[i].value, other[i]) << apart[i].metric;
  }
}

// A dead feature beside others, and one that repeats another.
TEST(Fid, IgnoresWhatDoesNotVary) {
  const Values a = congruent(200, 1), b = congruent(200, 2);
  Values wide_a, wide_b;
  for (std::size_t i = 0; i < 200; i += 2) {
    wide_a.insert(wide_a.end(), {a[i], a[i + 1], 5});
    wide_b.insert(wide_b.end(), {b[i], b[i + 1], 5});
  }
  EXPECT_NEAR(value_of("fid", wide_a, wide_b, 3), value_of("fid", a, b, 2), 1e-12);
}

// A copy of one real: precise, and nothing else.
TEST(Prdc, SeesCollapseAndMemory) {
  const auto real = normal(200, 6, 1);
  Values row(6), copies;
  real.copy_row(17, row.data());
  for (int i = 0; i < 100; ++i) copies.insert(copies.end(), row.begin(), row.end());
  const auto records = scores("prdc", real, FeatureMatrix::of(copies, 6));
  EXPECT_EQ(records[0].value, 1);
  EXPECT_EQ(records[1].value, 1.0 / 200);  // the balls of copies hold what they copy
  EXPECT_LT(records[3].value, 0.1);
  const auto memory = scores("prdc", real, real);
  for (const std::size_t i : {0, 1, 3}) EXPECT_EQ(memory[i].value, 1) << memory[i].metric;
}

// How many pairs there are of a row and one of the listed rows that is itself or nearer than its k-th neighbour.
int64_t copies_in_balls(const FeatureMatrix& rows, const std::vector<int64_t>& listed, std::size_t k) {
  const auto width = static_cast<std::size_t>(rows.width());
  std::vector<Values> all(static_cast<std::size_t>(rows.count()), Values(width));
  for (std::size_t i = 0; i < all.size(); ++i) rows.copy_row(static_cast<int64_t>(i), all[i].data());
  int64_t count = 0;
  for (const Values& centre : all) {
    std::vector<std::pair<double, int64_t>> distances;
    for (std::size_t i = 0; i < all.size(); ++i) {
      double square = 0;
      for (std::size_t j = 0; j < width; ++j) square += (all[i][j] - centre[j]) * (all[i][j] - centre[j]);
      distances.emplace_back(square, static_cast<int64_t>(i));
    }
    std::ranges::partial_sort(distances, distances.begin() + static_cast<std::ptrdiff_t>(k));
    for (std::size_t i = 0; i < k; ++i) count += std::ranges::count(listed, distances[i].second);
  }
  return count;
}

// A copy of the reals has, in the ball of each, its centre and k − 1 neighbours: the k-th lies on the border, whichever
// block of rows it is met in.
TEST(Prdc, OfACopyOfTheRealsCountsNoBorder) {
  for (const int64_t width : {3, 33, 300}) {
    const auto real = normal(700, width, 1), copy = normal(700, width, 1);
    for (const EvaluationRecord& record : scores("prdc", real, copy)) EXPECT_EQ(record.value, 1) << record.metric;
    // Some of the copies in another order: the same pairs lie in other places of other blocks.
    std::vector<int64_t> order;
    for (int64_t i = 0; i < 650; ++i) order.push_back((i * 37 + 11) % 700);
    const auto some = scores("prdc", real, copy.select(order));
    EXPECT_EQ(some[0].value, 1);
    EXPECT_NEAR(some[2].value, static_cast<double>(copies_in_balls(real, order, 5)) / (5 * 650), 1e-12);
  }
}

// Far from the origin, products leave few digits of a distance.
TEST(Prdc, OfSamplesFarFromTheOriginIsThatOfSamplesNear) {
  const auto near = scores("prdc", normal(300, 3, 1), normal(200, 3, 2));
  const auto far = scores("prdc", normal(300, 3, 1, 1e6), normal(200, 3, 2, 1e6));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(far[i].value, near[i].value, 1e-12) << near[i].metric;
}

TEST(InceptionScore, TakesProbabilitiesAlone) {
  Values values(40, 0.5);
  values[10] = -0.5;
  values[11] = 1.5;
  const auto negative = FeatureMatrix::of(values, 2, "p.npy");
  EXPECT_THAT(refusal_of("inception_score", negative, negative),
              HasSubstr("p.npy: row 5 (counted from 0) is no probabilities: column 0 is -0.5; inception_score takes"));
  const auto unnormed = FeatureMatrix::of(Values(40, 0.75), 2, "p.npy");
  EXPECT_THAT(refusal_of("inception_score: {splits: 1}", unnormed, unnormed),
              HasSubstr("row 0 (counted from 0) is no"));
}

TEST(Fid, RefusesWhatIsNoCovariance) {
  const auto good = statistics({0, 0}, {1, 0, 0, 1}), bad = statistics({0, 0}, {1, 2, 2, 1});
  EXPECT_THAT(refusal_of("fid", good, bad), HasSubstr("its covariance has an eigenvalue of -1"));
}

TEST(Metrics, RefuseFeaturesBeyondTheRangeOfNumbers) {
  const auto huge = FeatureMatrix::of(Values{1e200, -1e200, 3e200, 1, 2, 3, 4e200, 5}, 1);
  for (const std::string yaml : {"fid", "kid", "prdc"}) {
    EXPECT_THAT(refusal_of(yaml, huge, huge), HasSubstr("too large")) << yaml;
  }
}

TEST(Metrics, AreExplained) {
  const Registry& registry = filled_registry<register_metrics>();
  for (const std::string& kind : registry.metrics.kinds()) {
    EXPECT_NE(registry.metrics.find(kind)->help, "") << kind;
    EXPECT_NE(registry.metrics.find(kind)->reference, "") << kind;
  }
  EXPECT_THAT(help_text(registry, "prdc").value_or(""), HasSubstr("prdc (metric)"));
}

}  // namespace
}  // namespace duel
