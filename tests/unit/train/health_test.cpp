// The signs that a game is over, on records that are made up, and what a training does about them.
#include "train/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/turns.hpp"
#include "tests/unit/train/plugin_registry.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Finding::Kind;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
const std::string bce_pair = "[{bce: {logits: d_real, target: 1}}, {bce: {logits: d_fake, target: 0}}]";

// A game whose records are discriminator.loss, generator.loss, discriminator.gradient, generator.gradient.
std::shared_ptr<const Experiment> game(const std::string& discriminator_loss = bce_pair,
                                       const std::string& train = "steps: 1000, on_collapse: {window: 10}") {
  return checked_experiment(
      load_document_text(
          "data: {train: {gaussian: {dimensions: 2}}, batch: 8}\n"
          "networks:\n"
          "  generator: {inputs: {z: [2]}, layers: [dense: 2]}\n"
          "  discriminator: {inputs: {x: [2]}, layers: [dense: 1]}\n"
          "values: {real: data.point, fake: generator(normal(2)), d_real: discriminator(real), d_fake: "
          "discriminator(fake)}\n"
          "players:\n"
          "  discriminator: {updates: discriminator, optimizer: sgd, loss: " +
              discriminator_loss +
              "}\n"
              "  generator: {updates: generator, optimizer: sgd, loss: {bce: {logits: d_fake, target: 1}}}\n"
              "sample: {value: fake, reference: real, plot: scatter}\n"
              "train: {" +
              train + "}\n",
          "e.yaml"),
      plugin_registry());
}

struct Records {
  double loss = 1;      // of the discriminator
  double gradient = 1;  // of the generator
  double d_gradient = 1;
};

void see(Health& health, int64_t first, int64_t last, const Records& records) {
  for (int64_t step = first; step <= last; ++step) {
    health.see(step, std::vector{records.loss, 1.0, records.d_gradient, records.gradient});
  }
}

TEST(MeanDistance, IsThatOfAllPairs) {
  EXPECT_DOUBLE_EQ(mean_distance(std::vector<float>{0, 0, 3, 4, 0, 8}, 3), (5 + 8 + 5) / 3.0);
  EXPECT_EQ(mean_distance(std::vector<float>{1, 2, 1, 2}, 2), 0);
  EXPECT_EQ(mean_distance(std::vector<float>{1, 2}, 1), 0);
  // 2·(n/2)²/(n·(n−1)) of 64 rows, half of them at 0 and half at 1; the rows behind do not count.
  std::vector<float> many(200, 7.0F);
  for (std::size_t i = 0; i < 64; ++i) many[i] = static_cast<float>(i % 2);
  EXPECT_DOUBLE_EQ(mean_distance(many, 200), 2 * 32.0 * 32 / (64 * 63));
}

TEST(Saturated, IsADiscriminatorThatErrsNoMore) {
  Health health(*game(), 1000);
  see(health, 1, 50, {.loss = 1.3});
  EXPECT_THAT(health.new_findings(), IsEmpty());
  see(health, 51, 58, {.loss = 0.01});
  EXPECT_THAT(health.new_findings(), IsEmpty()) << "eight of ten records";
  see(health, 59, 59, {.loss = 0.01});
  const auto found = health.new_findings();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Kind::saturated);
  EXPECT_EQ(found[0].series, "discriminator.loss");
  EXPECT_EQ(found[0].player, "discriminator");
  EXPECT_EQ(found[0].since, 51);
  EXPECT_EQ(found[0].step, 59);
  EXPECT_DOUBLE_EQ(found[0].limit, 0.01 * 2 * std::log(2.0));
  see(health, 60, 70, {.loss = 0.01});
  EXPECT_THAT(health.findings(), SizeIs(1));
  EXPECT_THAT(health.new_findings(), IsEmpty()) << "it has been told";
  see(health, 71, 80, {.loss = 1.3});
  EXPECT_THAT(health.findings(), IsEmpty());
  EXPECT_THAT(health.new_findings(), IsEmpty());
  see(health, 81, 90, {.loss = 0.01});
  EXPECT_THAT(health.new_findings(), SizeIs(1)) << "it has come again";
}

TEST(Saturated, IsMeasuredFromTheLeastThatALossCanBe) {
  // Smoothed by 0.2 the least is that of logits ±log 9, at a probability of 0.9.
  const auto smoothed =
      game("[{bce: {logits: d_real, target: 1, smoothing: 0.2}}, {bce: {logits: d_fake, target: 0, smoothing: 0.2}}]");
  const double least = -2 * (0.9 * std::log(0.9) + 0.1 * std::log(0.1));
  Health health(*smoothed, 1000);
  see(health, 1, 20, {.loss = least + 0.02});
  EXPECT_THAT(health.findings(), IsEmpty());
  see(health, 21, 40, {.loss = least + 0.001});
  EXPECT_THAT(health.findings(), SizeIs(1));
}

TEST(Saturated, IsNotSaidOfLossesWithoutALeast) {
  for (const std::string& loss : std::vector<std::string>{
           "{wasserstein: {real: d_real, fake: d_fake, side: discriminator}}",
           "[{bce: {logits: d_real, target: 1}}, {bce: {logits: d_fake, target: 0}}, {expression: mean(d_real)}]"}) {
    Health health(*game(loss), 1000);
    see(health, 1, 100, {.loss = 0});
    EXPECT_THAT(health.findings(), IsEmpty()) << loss;
  }
}

TEST(Vanished, IsAGradientUnderAShareOfItsEarlyMedian) {
  Health health(*game(), 1000);
  see(health, 1, 10, {.loss = 0.5, .gradient = 2});  // the median of the first ten
  see(health, 11, 30, {.loss = 0.5, .gradient = 0.0021});
  EXPECT_THAT(health.findings(), IsEmpty());
  see(health, 31, 40, {.loss = 0.5, .gradient = 0.0019});
  const auto found = health.findings();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Kind::vanished);
  EXPECT_EQ(found[0].series, "generator.gradient");
  EXPECT_DOUBLE_EQ(found[0].limit, 0.002);
}

TEST(Vanished, IsNotSaidOfAnEquilibrium) {
  Health health(*game(), 1000);
  see(health, 1, 20, {.loss = 0.5, .gradient = 2});
  see(health, 21, 90, {.loss = 1.386, .gradient = 1e-6});
  EXPECT_THAT(health.findings(), IsEmpty());
  // Where an undecided loss is not known, the discriminator's own gradient tells.
  const std::string critic = "{wasserstein: {real: d_real, fake: d_fake, side: discriminator}}";
  Health at_rest(*game(critic), 1000);
  see(at_rest, 1, 20, {});
  see(at_rest, 21, 90, {.loss = 0, .gradient = 1e-6, .d_gradient = 1e-6});
  EXPECT_THAT(at_rest.findings(), IsEmpty());
  Health torn(*game(critic), 1000);
  see(torn, 1, 20, {});
  see(torn, 21, 90, {.loss = 0, .gradient = 1e-6, .d_gradient = 0.5});
  EXPECT_THAT(torn.findings(), SizeIs(1));
}

TEST(Phases, ThatDoNotPlayHaveNoSay) {
  Health health(*game(), 1000);
  see(health, 1, 9, {.loss = 0.01});
  see(health, 10, 100, {.loss = nan_value, .gradient = nan_value, .d_gradient = nan_value});
  EXPECT_THAT(health.findings(), IsEmpty());
  see(health, 101, 101, {.loss = 0.01});
  EXPECT_THAT(health.findings(), SizeIs(1));
}

TEST(Alike, AreSamplesNearerThanAShareOfTheReferences) {
  const std::vector<float> apart{0, 0, 0, 1}, near{0, 0, 0, 0.09F};
  Health health(*game(), 1000);
  health.set_reference(0, 1);
  for (const int64_t step : {0, 100, 249}) health.see_sample(0, step, near, 2);
  EXPECT_THAT(health.findings(), IsEmpty()) << "a generator that has not learnt yet";
  health.see_sample(0, 250, near, 2);
  EXPECT_THAT(health.findings(), IsEmpty()) << "one sample";
  health.see_sample(0, 300, near, 2);
  const auto found = health.findings();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Kind::alike);
  EXPECT_EQ(found[0].series, "fake");
  EXPECT_EQ(found[0].since, 250);
  EXPECT_DOUBLE_EQ(found[0].limit, 0.1);
  health.see_sample(0, 350, apart, 2);
  EXPECT_THAT(health.findings(), IsEmpty());
}

TEST(Alike, AreWithoutReferencesComparedWithTheirOwnBest) {
  const std::vector<float> apart{0, 0, 0, 1}, near{0, 0, 0, 0.05F};
  Health health(*game(), 1000);
  for (const int64_t step : {100, 500}) health.see_sample(0, step, near, 2);
  EXPECT_THAT(health.findings(), IsEmpty());
  health.see_sample(0, 600, apart, 2);
  for (const int64_t step : {700, 800}) health.see_sample(0, step, near, 2);
  EXPECT_THAT(health.findings(), SizeIs(1));
}

// References that are all alike, as in the Dirac game, leave nothing to be lost.
TEST(Alike, NeedsSomethingToDifferFrom) {
  Health health(*game(), 1000);
  health.set_reference(0, 0);
  for (int64_t step = 300; step < 900; step += 100) health.see_sample(0, step, std::vector<float>{1, 1, 1, 1}, 2);
  EXPECT_THAT(health.findings(), IsEmpty());
}

TEST(Games, NeedADiscriminator) {
  Health health(*game("{expression: d_real - d_fake}"), 1000);
  see(health, 1, 20, {});
  see(health, 21, 100, {.loss = 0, .gradient = 0});
  health.see_sample(0, 500, std::vector<float>{0, 0, 0, 1}, 2);
  for (const int64_t step : {600, 700}) health.see_sample(0, step, std::vector<float>{0, 0, 0, 0}, 2);
  EXPECT_THAT(health.findings(), IsEmpty());
}

TEST(Undecided, IsADiscriminatorThatTellsNothingApart) {
  Health health(*game(), 1000);
  see(health, 1, 100, {.loss = 1.3});
  EXPECT_THAT(health.undecided(), IsEmpty());
  see(health, 101, 200, {.loss = 1.38});
  ASSERT_THAT(health.undecided(), SizeIs(1));
  EXPECT_DOUBLE_EQ(health.undecided()[0].undecided, 2 * std::log(2.0));
}

// The gradient of w·x is x; w is the only weight.
TEST(Gradients, AreTheMeanSizeOverAllWeights) {
  const auto experiment = checked_experiment(
      load_document_text(
          "data: {train: {dirac: {at: 3}}, batch: 4}\n"
          "networks:\n"
          "  a: {inputs: {x: [1]}, layers: [dense: {units: 1, kernel_initializer: ones}]}\n"
          "values: {y: a(data.point)}\n"
          "players: {one: {updates: a, optimizer: {sgd: {lr: 0.1, accumulate: 2, clip_norm: 0.5}}, loss: "
          "{left: {expression: y}, right: {expression: -5 * y}}}}\n"
          "train: {steps: 3}\n",
          "e.yaml"),
      plugin_registry());
  Session session(experiment, {1, std::nullopt});
  EXPECT_EQ(session.metric_names(),
            (std::vector<std::string>{"one.left.loss", "one.right.loss", "one.left.gradient", "one.right.gradient"}));
  EXPECT_EQ(session.told_metrics(), 2u);
  const StepReport& report = session.advance();
  EXPECT_NEAR(report.metrics[2], (3 + 1) / 2.0, 1e-6) << "of the kernel 3, of the bias 1";
  EXPECT_NEAR(report.metrics[3], 5 * (3 + 1) / 2.0, 1e-6);
}

TEST(Gradients, AreThoseOfTheLastOfSeveralTurns) {
  const auto experiment = checked_experiment(
      load_document_text(
          "data: {batch: 1}\n"
          "networks:\n"
          "  a: {inputs: {x: [1]}, layers: [dense: {units: 1, bias: false, kernel_initializer: ones}]}\n"
          "values: {y: 'a(normal(1, mean=1, deviation=0))'}\n"
          "players: {one: {updates: a, optimizer: {sgd: {lr: 0.25}}, loss: {expression: square(y) / 2}}}\n"
          "train: {steps: 3, turns: [one: 2]}\n",
          "e.yaml"),
      plugin_registry());
  Session session(experiment, {1, std::nullopt});
  EXPECT_NEAR(session.advance().metrics[1], 0.75, 1e-6) << "w is 1 in the first turn and ¾ in the second";
}

}  // namespace
}  // namespace duel
