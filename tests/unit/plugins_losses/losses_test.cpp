// Losses against closed forms, and what is refused. Values and gradients against PyTorch's are in gradient/losses.
#include <gmock/gmock.h>

#include <cmath>

#include "gradient/differentiate.hpp"
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
  EXPECT_THAT(refusal_of("expression"), HasSubstr("'value' is missing"));
}

}  // namespace
}  // namespace duel
