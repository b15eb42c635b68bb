// The metric `mixture` on points placed by hand, and on what the data sets of its layouts draw.
#include <gmock/gmock.h>

#include <cmath>

#include "data/dataset.hpp"
#include "plugins/datasets/register.hpp"
#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// It looks at the fakes alone.
std::vector<EvaluationRecord> mixture(const std::string& yaml, const FeatureMatrix& points) {
  return scores(yaml, FeatureMatrix::of(Values{0}, 1), points);
}

std::vector<EvaluationRecord> mixture(const std::string& yaml, const Values& points) {
  return mixture(yaml, FeatureMatrix::of(points, 2));
}

FeatureMatrix points_of(const std::string& yaml, int64_t count) {
  const Registry& registry = filled_registry<register_datasets>();
  const auto dataset = read_component(registry, registry.datasets, yaml)->open();
  Values values;
  for (int64_t i = 0; i < count; ++i) {
    std::array<float, 2> point{};
    float label = 0;
    std::vector<float*> fields{point.data()};
    if (dataset->fields().size() > 1) fields.push_back(&label);
    dataset->read(i, fields);
    values.insert(values.end(), point.begin(), point.end());
  }
  return FeatureMatrix::of(values, 2);
}

TEST(Mixture, CountsByHand) {
  // Radius 2, deviation 0.02: a sample reaches 0.06. Three at the right, one on top, one beyond reach, one astray.
  const auto records = mixture("mixture", {2, 0, 2.05, 0, 2, -.0599, 0, 1.95, -2.07, 0, 0, 0});
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].metric, "modes");
  EXPECT_EQ(records[0].value, 2);
  EXPECT_EQ(records[0].better, Better::higher);
  EXPECT_EQ(records[1].metric, "high_quality");
  EXPECT_NEAR(records[1].value, 4.0 / 6, 1e-15);
  EXPECT_NEAR(*records[1].uncertainty, std::sqrt(4.0 / 6 * 2 / 6 / 6), 1e-15);
  EXPECT_EQ(records[1].better, Better::higher);
  EXPECT_EQ(records[2].metric, "reverse_kl");
  EXPECT_NEAR(records[2].value, .75 * std::log(.75 * 8) + .25 * std::log(.25 * 8), 1e-15);
  EXPECT_EQ(records[2].better, Better::lower);
  EXPECT_EQ(records[2].n_real, std::nullopt);
  for (const EvaluationRecord& record : records) {
    const std::map<std::string, std::string> expected{
        {"layout", "ring"}, {"modes", "8"}, {"radius", "2"}, {"deviation", "0.02"}};
    EXPECT_EQ(record.protocol.parameters, expected);
    EXPECT_THAT(record.warnings, IsEmpty());
  }
}

TEST(Mixture, OfOneSampleAModeIsTheUniformOne) {
  Values corners;
  for (const double y : {-1.5, 0.0, 1.5}) {
    for (const double x : {-1.5, 0.0, 1.5}) corners.insert(corners.end(), {x, y + .1});
  }
  const auto records = mixture("mixture: {layout: grid, modes: 9, spacing: 1.5, deviation: 0.04}", corners);
  EXPECT_EQ(records[0].value, 9);
  EXPECT_EQ(records[1].value, 1);
  EXPECT_NEAR(records[2].value, 0, 1e-15);
  EXPECT_GE(records[2].value, 0);
  const auto farther = mixture("mixture: {layout: grid, modes: 9, spacing: 1.5, deviation: 0.03}", corners);
  EXPECT_EQ(farther[0].value, 0);
}

// The mixtures are those of the data sets: the same layout, the same defaults, and the same under parameters.
TEST(Mixture, KnowsTheSamplesOfTheDataSets) {
  constexpr int64_t count = 20000;
  struct Case {
    std::string dataset, metric;
    double modes;
  };
  for (const Case& each :
       {Case{"ring", "mixture: ring", 8},
        {"grid", "mixture: grid", 25},
        {"gaussian", "mixture: gaussian", 1},
        {"ring: {modes: 5, radius: 0.7, deviation: 0.1}", "mixture: {modes: 5, radius: 0.7, deviation: 0.1}", 5},
        {"grid: {side: 4, spacing: 0.5, deviation: 0.06}",
         "mixture: {layout: grid, modes: 16, spacing: 0.5, deviation: 0.06}", 16},
        {"gaussian: {deviation: 3}", "mixture: {layout: gaussian, deviation: 3}", 1}}) {
    const auto records = mixture(each.metric, points_of(each.dataset, count));
    EXPECT_EQ(records[0].value, each.modes) << each.metric;
    EXPECT_NEAR(records[1].value, 1 - std::exp(-4.5), 4 * *records[1].uncertainty) << each.metric;
    // 2n times it is χ² of one degree less than there are modes.
    EXPECT_LT(records[2].value, 2.5 * each.modes / (2 * count)) << each.metric;
  }
}

TEST(Mixture, SeesCollapse) {
  const auto records = mixture("mixture", Values(100, std::sqrt(2.0)));
  EXPECT_EQ(records[0].value, 1);
  EXPECT_EQ(records[1].value, 1);
  EXPECT_NEAR(records[2].value, std::log(8), 1e-14);
}

TEST(Mixture, WithoutOneGoodSampleIsANumber) {
  const auto records = mixture("mixture: grid", {1, 1, 1e200, -1e200});
  EXPECT_EQ(records[0].value, 0);
  EXPECT_EQ(records[1].value, 0);
  EXPECT_NEAR(records[2].value, std::log(25), 1e-14);
  EXPECT_THAT(records[2].warnings, testing::ElementsAre(HasSubstr("the value is the largest there is")));
}

TEST(Mixture, TakesPointsOfThePlaneAlone) {
  const auto solid = FeatureMatrix::of(Values{1, 2, 3}, 3, "p.npy");
  EXPECT_THAT(refusal_of("mixture", solid, solid), HasSubstr("p.npy: has rows of 3 numbers, and mixture takes points"));
}

TEST(Mixture, RefusesParametersOfAnotherLayout) {
  EXPECT_THAT(conflict_of("mixture: {layout: grid, radius: 1}"), HasSubstr("'radius' is of a ring"));
  EXPECT_THAT(conflict_of("mixture: {spacing: 1}"), HasSubstr("'spacing' is of a grid, and the layout is ring"));
  EXPECT_THAT(conflict_of("mixture: {layout: grid, modes: 10}"), HasSubstr("a grid has a square number of them"));
  EXPECT_THAT(conflict_of("mixture: {layout: gaussian, modes: 2}"), HasSubstr("'modes' is 2, and a gaussian has one"));
  EXPECT_THAT(conflict_of("mixture: {deviation: 0}"), HasSubstr("deviation"));
  EXPECT_THAT(conflict_of("mixture: moons"), HasSubstr("moons"));
}

TEST(Mixture, HasTheSameBitsOnAnyNumberOfThreads) {
  const auto points = points_of("ring: {deviation: 0.03}", 3000);
  expect_the_same_bits("mixture", points, points);
}

}  // namespace
}  // namespace duel
