// Losses against closed forms, and what is refused. Values and gradients against PyTorch's are in gradient/losses.
#include <gmock/gmock.h>

#include <cmath>

#include "gradient/differentiate.hpp"
#include "ops/interpret.hpp"
#include "plugins/losses/register.hpp"
#include "plugins/values/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/value_harness.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

const Registry& registry() { return filled_registry<register_losses, register_values>(); }

Tensor build_loss(const std::string& yaml, Graph& graph, std::span<const Tensor> inputs) {
  TestValueContext context(graph);
  context.define_in_order(inputs);
  return read_component(registry(), registry().losses, yaml)->build(context);
}

double loss_of(const std::string& yaml, const std::vector<HostTensor>& inputs) {
  const auto subject = [&](Graph& graph, std::span<const Tensor> tensors) { return build_loss(yaml, graph, tensors); };
  return evaluate(subject, inputs).values.at(0);
}

std::vector<double> gradient_of(const std::string& yaml, const HostTensor& input) {
  const auto subject = [&](Graph& graph, std::span<const Tensor> tensors) {
    return differentiate(build_loss(yaml, graph, tensors), tensors)[0];
  };
  return evaluate(subject, {input}).values;
}

std::string refusal_of(const std::string& yaml) {
  return refusal_of([&] { read_component(registry(), registry().losses, yaml); }, ExitCode::experiment);
}

const double log_2 = std::log(2.0);

TEST(Losses, AtTheStartOfATrainingAreWhatTextbooksSay) {
  const std::vector<HostTensor> undecided{{{4, 1}, {0, 0, 0, 0}}, {{2, 1}, {0, 0}}};
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: 1}", undecided), log_2);
  EXPECT_DOUBLE_EQ(loss_of("minimax: {real: a, fake: b, side: discriminator}", undecided), 2 * log_2);
  EXPECT_DOUBLE_EQ(loss_of("minimax: {fake: b, side: generator}", undecided), -log_2);
  EXPECT_DOUBLE_EQ(loss_of("non_saturating: {fake: b, side: generator}", undecided), log_2);
  EXPECT_DOUBLE_EQ(loss_of("hinge: {real: a, fake: b, side: discriminator}", undecided), 2);
  EXPECT_DOUBLE_EQ(loss_of("wasserstein: {real: a, fake: b, side: discriminator}", undecided), 0);
  EXPECT_DOUBLE_EQ(loss_of("least_squares: {real: a, fake: b, side: discriminator}", undecided), 0.5);
  EXPECT_DOUBLE_EQ(loss_of("cross_entropy: {logits: a, labels: b}", {{{2, 8}, std::vector<double>(16)}, {{2}, {3, 7}}}),
                   3 * log_2);
}

TEST(Losses, AverageRealAndFakeEachByItself) {
  const std::vector<HostTensor> outputs{{{3, 1}, {1, 2, 6}}, {{2, 1}, {5, 7}}};
  EXPECT_DOUBLE_EQ(loss_of("wasserstein: {real: a, fake: b, side: discriminator}", outputs), 6 - 3);
}

TEST(BinaryCrossEntropy, OfLogitsIsExactFarOut) {
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: 0}", {{{1}, {1000}}}), 1000);
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: 1}", {{{1}, {40}}}), std::exp(-40.0));
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: 1}", {{{1}, {1000}}}), 0);
}

TEST(BinaryCrossEntropy, ClampsTheLogarithmsOfProbabilities) {
  EXPECT_DOUBLE_EQ(loss_of("bce: {probabilities: a, target: 1}", {{{2}, {0, 1}}}), 50);
  EXPECT_DOUBLE_EQ(loss_of("bce: {probabilities: a, target: 0}", {{{2}, {1, 1}}}), 100);
  EXPECT_DOUBLE_EQ(loss_of("bce: {probabilities: a, target: 1}", {{{1}, {1e-30}}}), -std::log(1e-30));
  EXPECT_EQ(gradient_of("bce: {probabilities: a, target: 1}", {{2}, {0, 0.5}}), (std::vector<double>{0, -1}));
}

TEST(BinaryCrossEntropy, SmoothsTowardsAHalf) {
  const double x = 0.7;
  const double expected = 0.95 * std::log1p(std::exp(-x)) + 0.05 * std::log1p(std::exp(x));
  EXPECT_NEAR(loss_of("bce: {logits: a, target: 1, smoothing: 0.1}", {{{1}, {x}}}), expected, 1e-15);
}

TEST(BinaryCrossEntropy, ComparesEachRowWithItsOwnTarget) {
  const HostTensor logits{{2, 1}, {3, -2}};
  const double expected = (std::log1p(std::exp(-3.0)) + std::log1p(std::exp(-2.0))) / 2;
  EXPECT_NEAR(loss_of("bce: {logits: a, target: b}", {logits, {{2}, {1, 0}}}), expected, 1e-15);
  EXPECT_THROW(loss_of("bce: {logits: a, target: b}", {logits, {{3}, {1, 0, 1}}}), ShapeError);
}

// What a loss says of itself is what it computes: of logits that are all 0, or for least squares in the middle of its
// targets, and of those that are sure and right.
TEST(Judgements, AreWhatTheLossesCompute) {
  const auto judged = [](const std::string& yaml, double undecided_real, double undecided_fake, double sure_real,
                         double sure_fake) {
    SCOPED_TRACE(yaml);
    const auto judgement = read_component(registry(), registry().losses, yaml)->judgement();
    ASSERT_TRUE(judgement && judgement->least && judgement->undecided);
    const auto at = [&](double real, double fake) {
      return loss_of(yaml, {{{2, 1}, {real, real}}, {{2, 1}, {fake, fake}}});
    };
    EXPECT_NEAR(*judgement->undecided, at(undecided_real, undecided_fake), 1e-12);
    EXPECT_NEAR(*judgement->least, at(sure_real, sure_fake), 1e-12);
  };
  judged("bce: {logits: a, target: 1}", 0, 0, 1000, 0);
  judged("bce: {logits: a, target: 0}", 0, 0, -1000, 0);
  judged("bce: {logits: a, target: 1, smoothing: 0.2}", 0, 0, std::log(9), 0);
  judged("bce: {logits: a, target: 0, smoothing: 0.2}", 0, 0, -std::log(9), 0);
  for (const std::string game : {"minimax", "non_saturating", "hinge"}) {
    judged(game + ": {real: a, fake: b, side: discriminator}", 0, 0, 1000, -1000);
  }
  judged("least_squares: {real: a, fake: b, side: discriminator}", 0.5, 0.5, 1, 0);
  judged("least_squares: {real: a, fake: b, side: discriminator, factor: 2, real_target: 3, fake_target: -1}", 1, 1, 3,
         -1);
}

TEST(Judgements, AreOfDiscriminators) {
  const auto judgement = [](const std::string& yaml) {
    return read_component(registry(), registry().losses, yaml)->judgement();
  };
  EXPECT_TRUE(judgement("bce: {logits: a, target: 1}")->real);
  EXPECT_FALSE(judgement("bce: {logits: a, target: 1}")->fake);
  EXPECT_TRUE(judgement("bce: {logits: a, target: 0}")->fake);
  EXPECT_FALSE(judgement("bce: {logits: a, target: b}").has_value());
  const auto critic = judgement("wasserstein: {real: a, fake: b, side: discriminator}");
  EXPECT_TRUE(critic->real && critic->fake);
  EXPECT_FALSE(critic->least || critic->undecided);
  for (const std::string other : {"hinge: {fake: a, side: generator}", "least_squares: {prediction: a, target: b}",
                                  "expression: a", "l2: {value: a, target: b}"}) {
    EXPECT_FALSE(judgement(other).has_value()) << other;
  }
}

TEST(LeastSquares, TakesOtherTargetsAndFactors) {
  const std::vector<HostTensor> outputs{{{1, 1}, {3}}, {{1, 1}, {5}}};
  EXPECT_DOUBLE_EQ(loss_of("least_squares: {real: a, fake: b, side: discriminator, factor: 2, real_target: 2, "
                           "fake_target: -1}",
                           outputs),
                   2 * (1 + 36));
  EXPECT_DOUBLE_EQ(loss_of("least_squares: {fake: b, side: generator, generator_target: 0}", outputs), 12.5);
  EXPECT_DOUBLE_EQ(loss_of("least_squares: {prediction: a, target: 1}", outputs), 2);
}

TEST(Huber, IsASquareNearAndALineFar) {
  EXPECT_DOUBLE_EQ(loss_of("huber: {value: a, target: 0, delta: 2}", {{{1}, {-1}}}), 0.5);
  EXPECT_DOUBLE_EQ(loss_of("huber: {value: a, target: 0, delta: 2}", {{{1}, {-5}}}), 2 * (5 - 1));
}

TEST(CrossEntropy, ReadsClassesFromTheLastAxis) {
  const HostTensor maps = random_tensor({2, 3, 4}, 1, -2, 2);
  const HostTensor labels{{2, 3}, {0, 1, 2, 3, 0, 1}};
  double expected = 0;
  for (std::size_t row = 0; row < 6; ++row) {
    double total = 0;
    for (std::size_t k = 0; k < 4; ++k) total += std::exp(maps.values[4 * row + k]);
    expected -= maps.values[4 * row + static_cast<std::size_t>(labels.values[row])] - std::log(total);
  }
  EXPECT_NEAR(loss_of("cross_entropy: {logits: a, labels: b}", {maps, labels}), expected / 6, 1e-14);
}

TEST(ExpressionLoss, IsTheMeanOfWhatIsWritten) {
  EXPECT_DOUBLE_EQ(loss_of("expression: square(a - 1)", {{{2, 1}, {3, 5}}}), 10);
  EXPECT_DOUBLE_EQ(loss_of("expression: {value: mean(a)}", {{{2, 1}, {3, 5}}}), 4);
}

// A linear critic w·x has the gradient w at every row.
TEST(GradientPenalty, OfALinearCriticIsOfItsWeights) {
  const std::vector<HostTensor> rows_and_weights{{{3, 2}, {1, 2, 3, 4, 5, 6}}, {{2}, {3, -4}}};
  const std::string of = "{of: \"sum(a * b, axes=[1])\", wrt: a";
  EXPECT_NEAR(loss_of("gradient_penalty: " + of + "}", rows_and_weights), 16, 1e-11);
  EXPECT_NEAR(loss_of("gradient_penalty: " + of + ", target: 7}", rows_and_weights), 4, 1e-11);
  EXPECT_NEAR(loss_of("gradient_penalty: " + of + ", target: 2, sides: one}", rows_and_weights), 9, 1e-11);
  EXPECT_DOUBLE_EQ(loss_of("gradient_penalty: " + of + ", target: 7, sides: one}", rows_and_weights), 0);
  EXPECT_DOUBLE_EQ(loss_of("gradient_penalty: " + of + ", target: 0}", rows_and_weights), 25);
  EXPECT_DOUBLE_EQ(loss_of("r1: " + of + "}", rows_and_weights), 12.5);
  EXPECT_DOUBLE_EQ(loss_of("r2: " + of + ", weight: 10}", rows_and_weights), 12.5);  // the caller applies the weight
}

// ½·k·‖x‖² has the gradient k·x: rows of other lengths.
TEST(GradientPenalty, OfAQuadraticCriticIsARowsOwn) {
  const std::vector<HostTensor> rows{{{2, 2}, {3, 4, 0, 2}}};
  EXPECT_NEAR(loss_of("gradient_penalty: {of: \"square(a) * 0.5\", wrt: a}", rows), (16 + 1) / 2.0, 1e-11);
  EXPECT_NEAR(loss_of("gradient_penalty: {of: \"square(a) * 0.5\", wrt: a, target: 3, sides: one}", rows), 4 / 2.0,
              1e-11);
  EXPECT_DOUBLE_EQ(loss_of("r1: {of: \"square(a) * 0.5\", wrt: a}", rows), (25 + 4) / 2.0 / 2);
  // Images are rows, too.
  EXPECT_DOUBLE_EQ(loss_of("r1: {of: \"square(a) * 0.5\", wrt: a}", {{{1, 2, 2, 1}, {1, 2, 3, 4}}}), 30 / 2.0);
}

TEST(GradientPenalty, IsFiniteWhereTheGradientIsNothing) {
  const std::string loss = "gradient_penalty: {of: square(a), wrt: a}";
  EXPECT_NEAR(loss_of(loss, {{{1, 2}, {0, 0}}}), 1, 1e-5);
  EXPECT_EQ(gradient_of(loss, {{1, 2}, {0, 0}}), (std::vector<double>{0, 0}));
}

TEST(GradientPenalty, IsOfWhatTheOutputIsComputedFrom) {
  for (const std::string kind : {"gradient_penalty", "r1", "r2"}) {
    const auto wrong = [&] { loss_of(kind + ": {of: square(a), wrt: b}", {{{1}, {1}}, {{1}, {2}}}); };
    EXPECT_THAT(refusal_of(wrong, ExitCode::experiment), HasSubstr(kind + ": 'square(a)' is not computed from 'b'"));
  }
}

TEST(Top, AreTheRowsOfTheGreatestOutputs) {
  const std::vector<HostTensor> outputs{{{5, 1}, {1, 7, -2, 7, 3}}};
  EXPECT_DOUBLE_EQ(loss_of("hinge: {fake: a, side: generator, top: 0.2}", outputs), -7);
  EXPECT_DOUBLE_EQ(loss_of("hinge: {fake: a, side: generator, top: 0.21}", outputs), -7);  // two rows
  EXPECT_DOUBLE_EQ(loss_of("hinge: {fake: a, side: generator, top: 0.6}", outputs), -17 / 3.0);
  EXPECT_DOUBLE_EQ(loss_of("hinge: {fake: a, side: generator, top: 1}", outputs), -16 / 5.0);
  EXPECT_DOUBLE_EQ(loss_of("hinge: {fake: a, side: generator}", outputs), -16 / 5.0);
}

TEST(Top, TakesEarlierRowsAtATie) {
  EXPECT_EQ(gradient_of("wasserstein: {fake: a, side: generator, top: 0.5}", {{4, 1}, {2, 5, 2, 2}}),
            (std::vector<double>{-0.5, -0.5, 0, 0}));
  EXPECT_EQ(gradient_of("wasserstein: {fake: a, side: generator, top: 0.5}", {{4, 1}, {0, 0, 0, 0}}),
            (std::vector<double>{-0.5, -0.5, 0, 0}));
}

TEST(Top, CountsRowsExactly) {
  EXPECT_EQ(rows_of_share(0.07, 100), 7);  // whose product is above 7 in floating point
  EXPECT_EQ(rows_of_share(0.071, 100), 8);
  EXPECT_EQ(rows_of_share(1, 64), 64);
  EXPECT_EQ(rows_of_share(1e-9, 64), 1);
  for (int64_t rows = 1; rows <= 300; ++rows) {
    for (int64_t k = 1; k <= rows; ++k) {
      ASSERT_EQ(rows_of_share(static_cast<double>(k) / static_cast<double>(rows), rows), k) << k << " of " << rows;
    }
  }
}

TEST(Flip, TurnsTargetsOver) {
  const HostTensor logits{{3, 1}, {0.3, -1, 2}};
  const HostTensor targets{{3, 1}, {1, 0.2, 0}}, turned{{3, 1}, {0, 0.8, 1}};
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: b, flip: 1}", {logits, targets}),
                   loss_of("bce: {logits: a, target: b}", {logits, turned}));
  EXPECT_DOUBLE_EQ(loss_of("bce: {logits: a, target: 1, flip: 1, smoothing: 0.2}", {logits}),
                   loss_of("bce: {logits: a, target: 0, smoothing: 0.2}", {logits}));
}

// With logits of x the loss is softplus(-x) at a row that keeps its 1 and softplus(x) at one that is turned: x more.
TEST(Flip, HappensWithItsProbabilityRowByRow) {
  constexpr int rows = 20000;
  const HostTensor logits{{rows, 2}, std::vector<double>(2 * rows, 5.0)};
  const double excess = loss_of("bce: {logits: a, target: 1, flip: 0.05}", {logits}) - std::log1p(std::exp(-5.0));
  EXPECT_NEAR(excess / 5, 0.05, 4 * std::sqrt(0.05 * 0.95 / rows));
  const std::vector<double> slopes =
      gradient_of("bce: {logits: a, target: 1, flip: 0.5}", {{64, 2}, std::vector<double>(128, 5.0)});
  for (std::size_t row = 0; row < 64; ++row) EXPECT_EQ(slopes[2 * row], slopes[2 * row + 1]);
}

TEST(Relativistic, IsZeroSumAtNoDifference) {
  const std::vector<HostTensor> same{{{3, 1}, {2, 2, 2}}, {{3, 1}, {2, 2, 2}}};
  EXPECT_DOUBLE_EQ(loss_of("relativistic: {real: a, fake: b, side: discriminator}", same), 2 * log_2);
  EXPECT_DOUBLE_EQ(loss_of("relativistic: {real: a, fake: b, side: generator, average: false}", same), log_2);
  EXPECT_DOUBLE_EQ(loss_of("relativistic: {real: a, fake: b, side: generator, form: hinge}", same), 2);
  EXPECT_THROW(loss_of("relativistic: {real: a, fake: b, side: generator, average: false}",
                       {{{2, 1}, {1, 2}}, {{3, 1}, {1, 2, 3}}}),
               ShapeError);
}

TEST(FeatureMatching, IsOfTheMeansOfTheBatches) {
  const std::vector<HostTensor> features{{{2, 2}, {1, 2, 3, 4}}, {{1, 2}, {5, -1}}};  // means (2, 3) and (5, -1)
  EXPECT_DOUBLE_EQ(loss_of("feature_matching: {real: a, fake: b}", features), 9 + 16);
  EXPECT_DOUBLE_EQ(loss_of("feature_matching: {real: a, fake: b, order: 1}", features), 3 + 4);
  EXPECT_THROW(loss_of("feature_matching: {real: a, fake: b}", {{{2, 2}, {1, 2, 3, 4}}, {{2, 1}, {1, 2}}}), ShapeError);
}

TEST(Info, IsTheSurpriseAtTheCode) {
  EXPECT_DOUBLE_EQ(loss_of("info: {prediction: a, code: b}", {{{2, 8}, std::vector<double>(16)}, {{2}, {3, 7}}}),
                   3 * log_2);
  const double half_log_two_pi = 0.9189385332046727;
  const std::vector<HostTensor> normal{{{2, 1}, {1, 2}}, {{2}, {3, 2}}};
  EXPECT_NEAR(loss_of("info: {prediction: a, code: b, distribution: normal}", normal), 1 + half_log_two_pi, 1e-15);
  EXPECT_NEAR(loss_of("info: {prediction: a, code: b, distribution: normal, log_deviation: 0.5}", normal),
              std::exp(-1.0) + 0.5 + half_log_two_pi, 1e-15);
}

TEST(Consistency, IsTheMeanSquaredDistanceOfRows) {
  EXPECT_DOUBLE_EQ(loss_of("consistency: {of: a, augmented: b}", {{{2, 2}, {1, 2, 3, 4}}, {{2, 2}, {0, 2, 3, 7}}}), 5);
}

// The averages are those of the step before: mean(r) = 2 and mean(f) = -1 in each step.
TEST(LeCam, ComparesWithMovingAverages) {
  Graph graph(DType::float64);
  TestValueContext context(graph);
  context.define("r", Tensor(graph, graph.input("r", {2})));
  context.define("f", Tensor(graph, graph.input("f", {1})));
  const auto loss = read_component(registry(), registry().losses, "lecam: {real: r, fake: f, decay: 0.9}");
  graph.add_output("loss", loss->build(context).id());
  context.assign_states();
  auto states = context.starting_states();
  double real_average = 0, fake_average = 0;
  for (int step = 0; step < 4; ++step) {
    const auto done = interpret(graph, {{"r", {{2}, {1, 3}}}, {"f", {{1}, {-1}}}}, states);
    const double expected =
        (std::pow(1 - fake_average, 2) + std::pow(3 - fake_average, 2)) / 2 + std::pow(-1 - real_average, 2);
    EXPECT_NEAR(done.outputs.at("loss").values[0], expected, 1e-14);
    states = done.variables;
    real_average = 0.9 * real_average + 0.1 * 2;
    fake_average = 0.9 * fake_average - 0.1;
  }
}

TEST(Losses, SayWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal_of("bce: {logits: a, probabilities: b, target: 1}"), HasSubstr("exactly one of 'logits' and"));
  EXPECT_THAT(refusal_of("bce: {target: 1}"), HasSubstr("exactly one of 'logits' and 'probabilities'"));
  EXPECT_THAT(refusal_of("bce: {logits: a}"), HasSubstr("'target' is missing"));
  EXPECT_THAT(refusal_of("bce: {logits: a, target: 1, smoothing: 2}"), HasSubstr("at most 1"));
  EXPECT_THAT(refusal_of("cross_entropy: {logits: a}"), HasSubstr("exactly one of 'labels' and 'target'"));
  EXPECT_THAT(refusal_of("hinge: {fake: a, side: discriminator}"), HasSubstr("needs 'real'"));
  EXPECT_THAT(refusal_of("hinge: {real: b, fake: a, side: generator}"), HasSubstr("does not depend on 'real'"));
  EXPECT_THAT(refusal_of("hinge: {fake: a, side: critic}"), HasSubstr("one of: discriminator, generator"));
  EXPECT_THAT(refusal_of("hinge: {fake: a}"), HasSubstr("'side' is missing"));
  EXPECT_THAT(refusal_of("least_squares: {fake: a, side: generator, target: 1}"), HasSubstr("give either"));
  EXPECT_THAT(refusal_of("least_squares: {prediction: a}"), HasSubstr("go together"));
  EXPECT_THAT(refusal_of("least_squares: {fake: a}"), HasSubstr("'side' is missing"));
  EXPECT_THAT(refusal_of("hinge: {real: b, fake: a, side: discriminator, top: 0.5}"),
              HasSubstr("'top' is the generator's"));
  EXPECT_THAT(refusal_of("hinge: {fake: a, side: generator, top: 0}"), HasSubstr("more than 0"));
  EXPECT_THAT(refusal_of("least_squares: {prediction: a, target: 1, top: 0.5}"),
              HasSubstr("'top' is of the game's generator"));
  EXPECT_THAT(refusal_of("bce: {logits: a, target: 1, flip: 2}"), HasSubstr("at most 1"));
  EXPECT_THAT(refusal_of("relativistic: {real: a, fake: b}"), HasSubstr("'side' is missing"));
  EXPECT_THAT(refusal_of("relativistic: {real: a, fake: b, side: generator, form: wasserstein}"),
              HasSubstr("one of: bce"));
  EXPECT_THAT(refusal_of("info: {prediction: a, code: b, log_deviation: 1}"), HasSubstr("of distribution: normal"));
  EXPECT_THAT(refusal_of("lecam: {real: a, fake: b, decay: 1}"), HasSubstr("less than 1"));
  EXPECT_THAT(refusal_of("orthogonal: {networks: net, form: rows}"), HasSubstr("one of: off_diagonal, full"));
  EXPECT_THAT(refusal_of("expression"), HasSubstr("'value' is missing"));
}

}  // namespace
}  // namespace duel
