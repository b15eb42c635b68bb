// Metrics of scores, one a row, against closed forms and scikit-learn (make_labels_and_scores.py).
#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

FeatureMatrix column(const Values& values) { return FeatureMatrix::of(values, 1, "s.npy"); }

std::vector<EvaluationRecord> calibration(const std::string& yaml, const Values& real, const Values& fake) {
  return scores(yaml, column(real), column(fake));
}

// ---- auroc

TEST(Auroc, CountsPairs) {
  // Of 12 pairs, 7 are won and 2 are tied.
  const auto record = score("auroc", column({1, 3, 5}), column({2, 3, 5, 6}));
  EXPECT_EQ(record.metric, "auroc");
  EXPECT_NEAR(record.value, (1 + 1.5 + 2.5 + 3) / 12.0, 1e-15);
  EXPECT_EQ(record.better, Better::neither);
  EXPECT_EQ(record.uncertainty_kind, "standard error (DeLong)");
}

TEST(Auroc, OfSidesApartAndOfEqualScores) {
  const auto apart = score("auroc", column({1, 2, 3}), column({4, 5}));
  EXPECT_EQ(apart.value, 1);
  EXPECT_EQ(*apart.uncertainty, 0);
  EXPECT_EQ(value_of("auroc", {4, 5}, {1, 2, 3}, 1), 0);
  EXPECT_EQ(value_of("auroc", {7, 7, 7}, {7, 7}, 1), 0.5);
}

TEST(Auroc, IsOneLessThatOfExchangedSides) {
  const Values a = congruent(50, 1), b = congruent(40, 2, 1.3);
  EXPECT_NEAR(value_of("auroc", a, b, 1) + value_of("auroc", b, a, 1), 1, 1e-14);
}

TEST(Auroc, IsThatOfScikitLearn) {
  Values real = congruent(230, 1), fake = congruent(170, 2, 1.2, 0.1);
  for (const char* name : {"auroc", "auroc, ties"}) {
    const auto expected = numbers_of("labels_and_scores.json").at(name);
    const auto record = score("auroc", column(real), column(fake));
    EXPECT_NEAR(record.value, expected.at("value").get<double>(), 1e-13) << name;
    EXPECT_NEAR(*record.uncertainty, expected.at("error").get<double>(), 1e-13) << name;
    for (Values* side : {&real, &fake}) {
      for (double& value : *side) value = std::floor(value * 8) / 8;
    }
  }
}

// Scores of one side whose labels tell the anomalies: as of two sides.
TEST(Auroc, TakesOneSideByItsLabels) {
  const Values normals = congruent(60, 1), anomalies = congruent(45, 2, 1.2, 0.2);
  Values all;
  std::vector<int64_t> labels;
  for (std::size_t i = 0; i < 60; ++i) {
    all.push_back(normals[i]);
    labels.push_back(static_cast<int64_t>(i) % 3);
    if (i >= 45) continue;
    all.push_back(anomalies[i]);
    labels.push_back(i % 2 == 0 ? 7 : 9);
  }
  const auto apart = score("auroc", column(normals), column(anomalies));
  const auto record = score("auroc: {positive: [7, 9]}", column({0}), column(all).with_labels(labels));
  EXPECT_EQ(record.value, apart.value);
  EXPECT_EQ(*record.uncertainty, *apart.uncertainty);
  EXPECT_EQ(record.protocol.parameters.at("positive"), "[7,9]");
}

TEST(Auroc, NeedsBothKindsAmongItsLabels) {
  const auto scored = column({1, 2, 3, 4}).with_labels({0, 0, 0, 7});
  EXPECT_THAT(refusal_of("auroc: {positive: [7]}", scored, scored),
              HasSubstr("has 1 examples with labels that 'positive' names and 3 others"));
}

// The standard error is that of the area over many draws.
TEST(Auroc, HasTheUncertaintyOfManyDraws) {
  constexpr int draws = 300;
  double sum = 0, squares = 0, errors = 0;
  for (uint64_t seed = 0; seed < draws; ++seed) {
    const auto record = score("auroc", normal(80, 1, 2 * seed), normal(60, 1, 2 * seed + 1, 1));
    sum += record.value / draws;
    squares += record.value * record.value / draws;
    errors += *record.uncertainty / draws;
  }
  EXPECT_NEAR(sum, std::erfc(-0.5) / 2, 0.01);  // Φ(1/√2) for normal scores that are 1 apart
  EXPECT_NEAR(errors, std::sqrt(squares - sum * sum), 0.15 * errors);
}

// ---- calibration

TEST(Calibration, CountsByHand) {
  const auto records = calibration("calibration: probabilities", {.9, .9, .3, .5}, {.1, .5, .7});
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].metric, "discriminator_accuracy");
  EXPECT_NEAR(records[0].value, (2.0 / 4 + 2.0 / 3) / 2, 1e-15);  // ½ is not above the threshold
  EXPECT_NEAR(*records[0].uncertainty, std::sqrt(.5 * .5 / 4 + 2.0 / 3 / 3 / 3) / 2, 1e-15);
  EXPECT_EQ(records[0].better, Better::neither);
  EXPECT_EQ(records[1].metric, "calibration_error");
  const double middle = std::abs(.5 / 8 - .5 / 6);  // both ½ share a bin
  EXPECT_NEAR(records[1].value, (.1 + .1 + .7) / 8 + middle + (.1 + .7) / 6, 1e-15);
  EXPECT_EQ(records[1].better, Better::lower);
  EXPECT_EQ(records[2].metric, "brier");
  EXPECT_NEAR(records[2].value, (.01 + .01 + .49 + .25) / 8 + (.01 + .25 + .49) / 6, 1e-15);
  EXPECT_EQ(records[2].protocol.parameters.at("outputs"), "probabilities");
}

// Of six samples of 0.25 two are reals, and of two of 0.75 both. Binned by the confidence in the predicted class, as
// classifiers of many classes are (Guo et al., 2017), all eight would be of 0.75 and right as often: an error of 0.
TEST(Calibration, BinsTheProbabilityOfRealAndNotTheConfidence) {
  const auto records = calibration("calibration: probabilities", {.75, .75, .25, .25}, {.25, .25, .25, .25});
  EXPECT_EQ(records[0].value, .75);
  EXPECT_NEAR(records[1].value, 2.0 / 8 * (1 - .75) + 6.0 / 8 * (2.0 / 6 - .25), 1e-15);
}

TEST(Calibration, OfAConstantAndOfASureDiscriminator) {
  const auto constant = calibration("calibration", {0, 0, 0}, {0, 0});
  EXPECT_EQ(constant[0].value, .5);
  EXPECT_NEAR(constant[1].value, 0, 1e-15) << "sides weigh the same, whatever their numbers";
  EXPECT_NEAR(constant[2].value, .25, 1e-15);
  const auto right = calibration("calibration", {1e4, 1e300}, {-1e4, -1e300});
  EXPECT_EQ(right[0].value, 1);
  EXPECT_EQ(right[1].value, 0);
  EXPECT_EQ(right[2].value, 0);
  const auto wrong = calibration("calibration", {-1e4}, {1e4});
  EXPECT_EQ(wrong[0].value, 0);
  EXPECT_EQ(wrong[1].value, 1);
  EXPECT_EQ(wrong[2].value, 1);
}

// Logits of the true odds are calibrated: normal scores 2 apart have the logit 2x − 2.
TEST(Calibration, OfTheTrueOddsIsNearlyPerfect) {
  const auto draw = [](uint64_t seed, double mean, double factor) {
    RandomStream random(stream_key(seed, 0, "odds"));
    Values logits(20000);
    for (double& logit : logits) logit = factor * (2 * (random.normal() + mean) - 2);
    return logits;
  };
  const auto good = calibration("calibration", draw(1, 2, 1), draw(2, 0, 1));
  const auto sure = calibration("calibration", draw(1, 2, 3), draw(2, 0, 3));
  EXPECT_NEAR(good[0].value, std::erfc(-1 / std::sqrt(2)) / 2, 4 * *good[0].uncertainty);  // Φ(1)
  EXPECT_LT(good[1].value, 0.02);
  EXPECT_GT(sure[1].value, 0.05);
  EXPECT_LT(good[2].value, sure[2].value);
}

TEST(Calibration, IsThatOfScikitLearn) {
  const Values real = congruent(230, 1, 6, -2), fake = congruent(170, 2, 6, -4);
  Values p_real = real, p_fake = fake;
  for (Values* side : {&p_real, &p_fake}) {
    for (double& value : *side) value = 1 / (1 + std::exp(-value));
  }
  for (const auto& records :
       {calibration("calibration", real, fake), calibration("calibration: probabilities", p_real, p_fake)}) {
    for (const EvaluationRecord& record : records) {
      const double expected = numbers_of("labels_and_scores.json").at("calibration").at(record.metric);
      EXPECT_NEAR(record.value, expected, 1e-13) << record.metric;
    }
  }
}

// ---- what is out of the ordinary

TEST(Scores, OfRowsOfSeveralNumbersAreRefused) {
  const auto wide = FeatureMatrix::of(Values{1, 2, 3, 4}, 2, "s.npy");
  for (const std::string metric : {"auroc", "calibration"}) {
    EXPECT_THAT(refusal_of(metric, wide, wide), HasSubstr("s.npy: has rows of 2 numbers, and " + metric + " takes"));
  }
}

TEST(Auroc, NeedsTwoSamplesASide) {
  EXPECT_THAT(refusal_of("auroc", column({1}), column({1, 2})), HasSubstr("has 1 rows, and auroc needs 2 or more"));
  EXPECT_THAT(refusal_of("auroc", column({1, 2}), column({1})), HasSubstr("has 1 rows, and auroc needs 2 or more"));
}

TEST(Calibration, TellsLogitsFromProbabilities) {
  EXPECT_THAT(refusal_of("calibration: probabilities", column({.5}), column({.5, -.25})),
              HasSubstr("s.npy: row 1 (counted from 0) is no probability but -0.25; give probabilities"));
  EXPECT_THAT(refusal_of("calibration: probabilities", column({1.5}), column({.5})), HasSubstr("but 1.5"));
  EXPECT_THAT(conflict_of("calibration: odds"), HasSubstr("odds"));
}

TEST(Scores, HaveTheSameBitsOnAnyNumberOfThreads) {
  for (const std::string yaml : {"auroc", "calibration"}) {
    expect_the_same_bits(yaml, normal(3000, 1, 1), normal(2500, 1, 2, 0.3));
  }
}

}  // namespace
}  // namespace duel
