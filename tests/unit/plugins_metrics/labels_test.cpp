// Metrics of labelled rows, and the classifier within, against closed forms and scikit-learn
// (make_labels_and_scores.py).
#include <gmock/gmock.h>

#include <cmath>

#include "plugins/metrics/softmax_regression.hpp"
#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Labels = std::vector<int64_t>;

FeatureMatrix rows_of(const Values& values, int64_t width, Labels labels) {
  return FeatureMatrix::of(values, width, "l.npy", {"values", "", "", ""}).with_labels(std::move(labels));
}

// The labels of make_labels_and_scores.py.
Labels congruent_labels(int64_t count, int64_t classes, uint64_t seed) {
  Labels labels;
  for (const double value : congruent(count, seed, static_cast<double>(classes))) {
    labels.push_back(static_cast<int64_t>(value));
  }
  return labels;
}

// Noise, to which `apart` is added in each column whose index is the label, modulo the classes.
FeatureMatrix labelled(int64_t rows, int64_t columns, int64_t classes, uint64_t seed, double apart) {
  Values values = congruent(rows * columns, seed);
  Labels labels = congruent_labels(rows, classes, seed + 100);
  for (int64_t i = 0; i < rows * columns; ++i) {
    const int64_t label = labels[static_cast<std::size_t>(i / columns)];
    if (i % columns % classes == label) values[static_cast<std::size_t>(i)] += apart;
  }
  return rows_of(values, columns, std::move(labels));
}

FeatureMatrix relabelled(const FeatureMatrix& rows, const std::function<int64_t(int64_t)>& label) {
  Labels labels;
  for (const int64_t old : rows.labels()) labels.push_back(label(old));
  return FeatureMatrix(rows).with_labels(std::move(labels));
}

constexpr const char* cas = "classification_accuracy_score";

// ---- minimise

TEST(Minimise, FindsTheMinimumOfRosenbrock) {
  const SmoothFunction rosenbrock = [](const Values& x, Values& gradient) {
    const double bend = x[1] - x[0] * x[0];
    gradient = {-400 * x[0] * bend - 2 * (1 - x[0]), 200 * bend};
    return 100 * bend * bend + (1 - x[0]) * (1 - x[0]);
  };
  const LbfgsMinimum minimum = minimise(rosenbrock, {-1.2, 1}, {.iterations = 200, .slope = 1e-9});
  EXPECT_TRUE(minimum.found);
  EXPECT_NEAR(minimum.point[0], 1, 1e-8);
  EXPECT_NEAR(minimum.point[1], 1, 1e-8);
  EXPECT_NEAR(minimum.value, 0, 1e-15);
  EXPECT_LT(minimum.iterations, 60);
  const LbfgsMinimum few = minimise(rosenbrock, {-1.2, 1}, {.iterations = 3, .slope = 1e-9});
  EXPECT_FALSE(few.found);
  EXPECT_EQ(few.iterations, 3);
  EXPECT_GT(few.slope, 1e-9);
}

// Σ cᵢ(xᵢ − i)²/2 with curvatures from 10⁻² to 10², whose minimum is known.
TEST(Minimise, FindsTheMinimumOfASteepValley) {
  int64_t evaluations = 0;
  const SmoothFunction valley = [&](const Values& x, Values& gradient) {
    ++evaluations;
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double curvature = std::pow(10, (static_cast<double>(i) - 15) / 7.5), apart = x[i] - static_cast<double>(i);
      gradient[i] = curvature * apart;
      value += curvature * apart * apart / 2;
    }
    return value;
  };
  const LbfgsMinimum minimum = minimise(valley, Values(31), {.iterations = 2000, .slope = 1e-9});
  EXPECT_TRUE(minimum.found);
  EXPECT_LT(evaluations, 1.5 * static_cast<double>(minimum.iterations)) << "most steps have the right length at once";
  for (std::size_t i = 0; i < 31; ++i) EXPECT_NEAR(minimum.point[i], static_cast<double>(i), 1e-6);
}

// Where the value is not finite, the line search turns back.
TEST(Minimise, StaysWhereTheFunctionIsFinite) {
  const SmoothFunction barrier = [](const Values& x, Values& gradient) {
    gradient[0] = 100 - 1 / x[0];
    return 100 * x[0] - std::log(x[0]);
  };
  const LbfgsMinimum minimum = minimise(barrier, {0.5}, {.iterations = 100, .slope = 1e-8});
  EXPECT_TRUE(minimum.found);
  EXPECT_NEAR(minimum.point[0], 0.01, 1e-10);
}

// ---- the classifier

class ScikitLearn : public testing::TestWithParam<std::size_t> {
 protected:
  const nlohmann::json expected_ = numbers_of("labels_and_scores.json").at("regression")[GetParam()];
  const int64_t rows_ = expected_.at("rows"), columns_ = expected_.at("columns"), classes_ = expected_.at("classes");
  const FeatureMatrix fake_ = labelled(rows_, columns_, classes_, 1, expected_.at("apart"));
  const FeatureMatrix real_ = labelled(rows_ + 50, columns_, classes_, 2, expected_.at("apart"));
};

TEST_P(ScikitLearn, AgreesOnCoefficients) {
  const auto fitted = fit_softmax_regression(fake_, Standardisation(fake_), expected_.at("decay"), 1000);
  EXPECT_TRUE(fitted.converged);
  EXPECT_LE(fitted.slope, 1e-8);
  const auto weights = expected_.at("weights").get<Values>(), intercepts = expected_.at("intercepts").get<Values>();
  ASSERT_EQ(fitted.weights.size(), weights.size());
  ASSERT_EQ(fitted.intercepts.size(), intercepts.size());
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(fitted.weights[i], weights[i], 1e-5);
  for (std::size_t i = 0; i < intercepts.size(); ++i) EXPECT_NEAR(fitted.intercepts[i], intercepts[i], 1e-5);
}

TEST_P(ScikitLearn, AgreesOnTheScore) {
  const auto record = score(fmt::format("{}: {{decay: {}}}", cas, expected_.at("decay").get<double>()), real_, fake_);
  const double accuracy = expected_.at("accuracy");
  EXPECT_EQ(record.metric, cas);
  EXPECT_NEAR(record.value, accuracy, 1e-15);
  EXPECT_NEAR(*record.uncertainty, std::sqrt(accuracy * (1 - accuracy) / static_cast<double>(rows_ + 50)), 1e-15);
  EXPECT_EQ(record.better, Better::higher);
  EXPECT_THAT(record.warnings, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Cases, ScikitLearn, testing::Values(0, 1, 2));

TEST(Standardisation, CentresAndScales) {
  const auto rows = FeatureMatrix::of(Values{1, 5, 3, 5, 5, 5}, 2);
  Values out(6);
  Standardisation(rows).apply(rows, {0, 3}, out.data());
  const double one = std::sqrt(1.5);
  const Values expected{-one, 0, 0, 0, one, 0};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(out[i], expected[i], 1e-15) << i;
}

// Also not where the mean is rounded, so that the deviations are 10⁻¹⁷ and not 0.
TEST(Standardisation, DoesNotBlowUpConstantColumns) {
  const Standardisation standardisation(FeatureMatrix::of(Values(1000, .1), 1));
  double out = 0;
  standardisation.apply(FeatureMatrix::of(Values{.35}, 1), {0, 1}, &out);
  EXPECT_NEAR(out, .25, 1e-14);
}

// Without features that tell, the classifier knows the shares of the classes.
TEST(SoftmaxRegression, OfConstantFeaturesKnowsTheSharesOfClasses) {
  const auto rows = rows_of(Values(8, 4), 1, {7, 7, 7, 7, 7, 2, 2, 9});
  const auto fitted = fit_softmax_regression(rows, Standardisation(rows), 1e-3, 100);
  EXPECT_THAT(fitted.classes, ElementsAre(2, 7, 9));
  EXPECT_NEAR(fitted.intercepts[1] - fitted.intercepts[0], std::log(2.5), 1e-6);
  EXPECT_NEAR(fitted.intercepts[1] - fitted.intercepts[2], std::log(5), 1e-6);
  EXPECT_NEAR(fitted.intercepts[0] + fitted.intercepts[1] + fitted.intercepts[2], 0, 1e-12);
  EXPECT_THAT(classify(fitted, Standardisation(rows), rows), testing::Each(7));
}

// Rows that do not fit the memory are standardised anew each time, to the same numbers.
TEST(SoftmaxRegression, IsTheSameWithLittleMemory) {
  const auto rows = labelled(700, 5, 3, 1, 0.5);
  const Standardisation standardisation(rows);
  const auto kept = fit_softmax_regression(rows, standardisation, 1e-3, 100);
  const auto made_anew = fit_softmax_regression(rows, standardisation, 1e-3, 100, 0);
  EXPECT_EQ(kept.weights, made_anew.weights);
  EXPECT_EQ(kept.intercepts, made_anew.intercepts);
}

// ---- classification accuracy score

TEST(ClassificationAccuracyScore, DependsOnTheLabelsAndNotOnTheirNames) {
  const auto real = labelled(200, 6, 3, 2, 0.4), fake = labelled(150, 6, 3, 1, 0.4);
  const auto rename = [](int64_t label) { return 1000000000000 - 5 * label; };
  const double value = score(cas, real, fake).value;
  EXPECT_GT(value, 0.6);
  EXPECT_EQ(score(cas, relabelled(real, rename), relabelled(fake, rename)).value, value);
  const auto wrong = relabelled(fake, [](int64_t label) { return (label + 1) % 3; });
  EXPECT_LT(score(cas, real, wrong).value, 0.3);
}

TEST(ClassificationAccuracyScore, CountsClassesThatTheFakesLackAsWrong) {
  const auto real = rows_of({0, 1, 10, 11, 20, 21}, 1, {0, 0, 1, 1, 2, 2});
  const auto fake = rows_of({0, 1, 10, 11}, 1, {0, 0, 1, 1});
  const auto record = score(cas, real, fake);
  EXPECT_NEAR(record.value, 4.0 / 6, 1e-15);
  EXPECT_THAT(record.warnings,
              Contains("the fakes lack 1 of the 3 classes of the reals, class 2 for one: such reals count as wrong"));
  const auto single = rows_of({0, 1}, 1, {1, 1});
  EXPECT_NEAR(score(cas, real, single).value, 2.0 / 6, 1e-15) << "all are taken for class 1";
  EXPECT_NEAR(score(cas, rows_of({0, 1, 9}, 1, {0, 0, 1}), real).value, 1, 1e-15) << "more classes than the reals";
}

TEST(ClassificationAccuracyScore, SaysWhenItHasNotConverged) {
  const auto record =
      score(std::string(cas) + ": {iterations: 2}", labelled(200, 6, 3, 2, 1), labelled(150, 6, 3, 1, 1));
  EXPECT_THAT(record.warnings, ElementsAre(HasSubstr("the classifier has not settled after 2 iterations")));
  EXPECT_EQ(record.protocol.parameters.at("iterations"), "2");
  EXPECT_EQ(record.protocol.parameters.at("decay"), "0.001");
}

TEST(ClassificationAccuracyScore, RefusesWhatItCannotJudge) {
  const auto real = rows_of({0, 1, 10, 11}, 1, {0, 0, 1, 1}), one = rows_of({0, 1}, 1, {3, 3});
  const auto unlabelled = FeatureMatrix::of(Values{0, 1}, 1, "u.npy");
  EXPECT_THAT(refusal_of(cas, one, real), HasSubstr("l.npy: all its examples are of one class"));
  EXPECT_THAT(refusal_of(cas, real, unlabelled), HasSubstr("u.npy: does not say the classes"));
  EXPECT_THAT(refusal_of(cas, unlabelled, real), HasSubstr("u.npy: does not say the classes"));
  const auto huge = rows_of({1e300, -1e300, 1, 2}, 1, {0, 0, 1, 1});
  EXPECT_THAT(refusal_of(cas, real, huge), HasSubstr("some features are too large for a classifier"));
  EXPECT_THAT(refusal_of(cas, huge, real), HasSubstr("some features are too large for a classifier"));
  EXPECT_THAT(conflict_of(std::string(cas) + ": {decay: 0}"), HasSubstr("decay"));
}

// ---- accuracy

double accuracy(const std::string& yaml, const FeatureMatrix& fake) {
  return score(yaml, FeatureMatrix::of(Values{0}, 1), fake).value;
}

TEST(Accuracy, CountsRowsWhoseGreatestIsTheLabel) {
  const auto fake = rows_of({.7, .2, .1, 0, 5, 9, -1, -2, -3, 4, 4, 4}, 3, {0, 1, 2, 0});
  const auto record = score("accuracy", FeatureMatrix::of(Values{0}, 1), fake);
  EXPECT_EQ(record.value, .5);  // of equal ones, the first is the greatest
  EXPECT_EQ(*record.uncertainty, .25);
  EXPECT_EQ(record.better, Better::higher);
  EXPECT_EQ(record.n_real, std::nullopt);
  EXPECT_EQ(record.n_fake, 4);
  EXPECT_EQ(accuracy("accuracy: {k: 2}", fake), .75);
  EXPECT_EQ(accuracy("accuracy: {k: 3}", fake), 1);
  EXPECT_EQ(accuracy("accuracy", rows_of({4, 4, 4}, 3, {2})), 0) << "constant rows are no skill";
  EXPECT_EQ(accuracy("accuracy: {k: 2}", rows_of({4, 4, 4}, 3, {1})), 1);
}

TEST(Accuracy, IsThatOfScikitLearn) {
  const auto fake = rows_of(congruent(1000, 3, 8), 5, congruent_labels(200, 5, 4));
  for (const std::string k : {"1", "2", "4"}) {
    const double expected = numbers_of("labels_and_scores.json").at("accuracy").at(k);
    EXPECT_NEAR(accuracy("accuracy: {k: " + k + "}", fake), expected, 1e-15) << k;
  }
}

TEST(Accuracy, RefusesLabelsBeyondTheClasses) {
  const auto real = FeatureMatrix::of(Values{0}, 1);
  EXPECT_THAT(
      refusal_of("accuracy", real, rows_of({1, 2, 3, 4, 5, 6}, 3, {2, 3})),
      HasSubstr("l.npy: row 1 (counted from 0) has the label 3, and rows of 3 numbers know the classes 0 to 2"));
  EXPECT_THAT(refusal_of("accuracy: {k: 4}", real, rows_of({1, 2, 3}, 3, {2})),
              HasSubstr("has rows of 3 numbers, and accuracy with k = 4 needs 4 classes or more"));
  EXPECT_THAT(refusal_of("accuracy", real, rows_of({1, 2}, 1, {0, 0})), HasSubstr("needs 2 classes or more"));
  EXPECT_THAT(refusal_of("accuracy", real, FeatureMatrix::of(Values{1, 2}, 2)), HasSubstr("does not say the classes"));
}

// ---- the same bits

TEST(LabelledMetrics, HaveTheSameBitsOnAnyNumberOfThreads) {
  const auto real = labelled(900, 70, 4, 2, 0.1), fake = labelled(1100, 70, 4, 1, 0.1);
  for (const std::string yaml : {"accuracy", cas}) expect_the_same_bits(yaml, real, fake);
  std::vector<SoftmaxRegression> fitted;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    pool.run([&] { fitted.push_back(fit_softmax_regression(fake, Standardisation(fake), 1e-3, 1000)); });
  }
  for (const SoftmaxRegression& other : fitted) EXPECT_EQ(other.weights, fitted[0].weights);
}

}  // namespace
}  // namespace duel
