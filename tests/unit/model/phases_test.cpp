// Phases of a training: who moves in which, and what is counted over their borders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/average.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

const std::string point = "networks/generator/dense_1/weight";
const std::string line = "networks/discriminator/dense_1/weight";

// The generator is the point θ, the discriminator the line ψ·x at the real point x; gradients are θ − x and −ψ.
std::string phased(const std::string& phases, const std::string& optimizer = "{sgd: {lr: 0.1, momentum: 0.5}}") {
  return "data: {train: {dirac: {at: 0}}, batch: 1}\n"
         "networks:\n  " +
         line_network("generator", 1) + "\n  " + line_network("discriminator", 1) +
         "\n"
         "values:\n"
         "  one: 'normal(1, mean=1, deviation=0)'\n"
         "  fake: generator(one)\n"
         "players:\n"
         "  discriminator: {updates: discriminator, optimizer: " +
         optimizer +
         ", loss: {expression: discriminator(fake) - discriminator(data.point)}}\n"
         "  generator: {updates: generator, optimizer: " +
         optimizer +
         ", loss: {expression: 0 - discriminator(fake)}}\n"
         "metrics: {theta: mean(fake)}\n"
         "train: {phases: " +
         phases + "}\n";
}

TEST(Phases, MoveOnlyWhoPlays) {
  Game game(phased("[{steps: 2, turns: [discriminator]}, {steps: 2, turns: [generator]}, {steps: 1}]"));
  const std::string momentum = "optimizers/generator/generator/dense_1/weight/velocity";
  const auto first = game.step({3});
  EXPECT_THAT(first, Not(Contains(::testing::Key("generator.loss"))));
  EXPECT_NEAR(first.at("theta"), 1, tolerance);
  EXPECT_NEAR(game.weight(line), 1 - 0.1 * (1 - 3), tolerance);
  game.step({3});
  EXPECT_FALSE(game.has_variable(momentum));
  EXPECT_EQ(game.weight(point), 1) << "the generator has not played";
  const double held = game.weight(line);
  EXPECT_NEAR(held, 1.2 - 0.1 * (-2) + 0.5 * 0.2, tolerance);
  game.step({3});
  EXPECT_NEAR(game.weight(point), 1 + 0.1 * held, tolerance);
  game.step({3});
  EXPECT_EQ(game.weight(line), held);
  const double moved = game.weight(point);
  game.step({3});
  EXPECT_NE(game.weight(line), held) << "both play in the last phase";
  EXPECT_NE(game.weight(point), moved);
}

TEST(Phases, AreCountedOverTheirBorders) {
  const Game game(phased("[{steps: 3, turns: [discriminator: 2]}, {steps: 4, turns: [discriminator, generator: 5]}]",
                         "{sgd: {lr: 0.1, accumulate: 4}}"));
  const StepCounts counts(game.experiment());
  const PlayerSpec& discriminator = *game.experiment().find_player("discriminator");
  const PlayerSpec& generator = *game.experiment().find_player("generator");
  EXPECT_EQ(counts.phase(2), 0u);
  EXPECT_EQ(counts.phase(3), 1u);
  EXPECT_EQ(counts.phase(100), 1u) << "the last one goes on";
  EXPECT_EQ(counts.batches(0), 2);
  EXPECT_EQ(counts.batches(1), 5);
  EXPECT_EQ(counts.place(5).batches, 3 * 2 + 2 * 5);
  EXPECT_THAT(counts.place(5).turns, ElementsAre(3 * 2 + 2, 2 * 5));
  EXPECT_EQ(counts.updates_before(discriminator, 5), 2);
  EXPECT_EQ(counts.updates_before(generator, 5), 2);
  StepPlace place = counts.place(0);
  for (int64_t step = 0; step < 9; ++step) {
    EXPECT_EQ(place, counts.place(step));
    counts.advance(place);
  }
}

// The second half of an accumulation that the phase before began.
TEST(Phases, GoOnWithGradientsThatAreHalfAccumulated) {
  Game game(phased("[{steps: 1, turns: [discriminator]}, {steps: 2, turns: [generator, discriminator]}]",
                   "{sgd: {lr: 0.1, accumulate: 2}}"));
  game.step({3});  // a gradient of 1 − 3
  EXPECT_EQ(game.weight(line), 1);
  game.step({5});  // and of 1 − 5
  EXPECT_NEAR(game.weight(line), 1 - 0.1 * (-2 - 4) / 2, tolerance);
  EXPECT_EQ(game.weight(point), 1) << "the generator has half of its own";
}

TEST(Phases, MayEachDrawTheirNoiseInTheirOwnWay) {
  const auto moved = [](const std::string& redraw) {
    Game game("networks:\n  " + line_network("a", 0) + "\n  " + line_network("b", 0) +
              "\nvalues: {z: normal(1)}\n"
              "players:\n"
              "  first: {updates: a, optimizer: {sgd: {lr: 1}}, loss: {expression: a(z)}}\n"
              "  second: {updates: b, optimizer: {sgd: {lr: 1}}, loss: {expression: b(z)}}\n"
              "data: {batch: 1}\n"
              "train: {phases: [{steps: 1, turns: [first, second], redraw: " +
              redraw + "}, {steps: 1}]}\n");
    game.step();
    return game.weight("networks/a/dense_1/weight") == game.weight("networks/b/dense_1/weight");
  };
  EXPECT_TRUE(moved("step"));
  EXPECT_FALSE(moved("turn"));
}

TEST(Phases, NeedEveryLossOnlyOnce) {
  EXPECT_EQ(refusal_of(phased("[{steps: 1, turns: [discriminator]}, {steps: 1, turns: [generator]}]"), {1}),
            "accepted");
}

// 0.5^(batch / H) with H = min(half-life, rampup · examples seen).
TEST(AverageDecay, IsThatOfStyleGan) {
  AverageSpec spec{"g", 0.999, 0, 10000, 0.05};
  EXPECT_EQ(average_decay(spec, 0, 32), 0) << "nothing has been seen";
  EXPECT_DOUBLE_EQ(average_decay(spec, 1, 32), std::pow(0.5, 32 / (0.05 * 32)));
  EXPECT_DOUBLE_EQ(average_decay(spec, 1000, 32), std::pow(0.5, 32 / (0.05 * 32000)));
  EXPECT_DOUBLE_EQ(average_decay(spec, 6250, 32), std::pow(0.5, 32.0 / 10000)) << "the ramp has reached the half-life";
  EXPECT_DOUBLE_EQ(average_decay(spec, 1000000, 32), std::pow(0.5, 32.0 / 10000));
  spec.rampup.reset();
  EXPECT_DOUBLE_EQ(average_decay(spec, 0, 32), std::pow(0.5, 32.0 / 10000));
  spec.start = 5;
  EXPECT_EQ(average_decay(spec, 4, 32), 0);
}

TEST(AverageDecay, OfADecayWithARampEndsAtTheDecay) {
  const AverageSpec spec{"g", 0.99, 0, std::nullopt, 0.05};
  EXPECT_EQ(average_decay(spec, 0, 8), 0);
  EXPECT_DOUBLE_EQ(average_decay(spec, 100, 8), std::pow(0.5, 1 / (0.05 * 100)));
  EXPECT_DOUBLE_EQ(average_decay(spec, 100000, 8), 0.99);
  EXPECT_DOUBLE_EQ(average_decay({"g", 1, 0, std::nullopt, 1}, 3, 8), std::pow(0.5, 1.0 / 3));
  EXPECT_EQ(average_decay({"g", 0, 0, std::nullopt, 1}, 3, 8), 0);
  EXPECT_EQ(average_decay({"g", 0.75, 0, std::nullopt, std::nullopt}, 3, 8), 0.75);
}

TEST(AverageDecay, MovesTheAverage) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 1}\n"
      "networks: {" +
      line_network("net", 1) +
      "}\n"
      "values: {y: net(data.point)}\n"
      "players: {walker: {updates: net, optimizer: {sgd: {lr: 1}}, loss: {expression: y}}}\n"
      "train: {steps: 9}\naverages: {net: {half_life: 4, rampup: 2}}\n");
  double average = 1;
  for (int step = 0; step < 5; ++step) {
    game.step({1});
    const double decay = step == 0 ? 0 : std::pow(0.5, 1 / std::min(4.0, 2.0 * step));
    average = decay * average + (1 - decay) * (0.0 - step);
    EXPECT_NEAR(game.weight("averages/net/dense_1/weight"), average, 1e-12);
  }
}

TEST(Gradients, AreRecordedUnderTheNamesOfTheirLosses) {
  const Game game(phased("[{steps: 1, turns: [discriminator]}, {steps: 1}]"));
  EXPECT_THAT(recorded_names(game.experiment()), ElementsAre("discriminator.loss", "generator.loss", "theta",
                                                             "discriminator.gradient", "generator.gradient"));
  EXPECT_THAT(computed_names(game.experiment(), 0), ElementsAre("discriminator.loss", "theta"));
}

}  // namespace
}  // namespace duel
