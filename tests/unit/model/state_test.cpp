// What a step leaves behind besides its weights: running statistics, moving averages, accumulated gradients; and how
// gradients become updates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::Pointwise;

const std::string running_mean = "networks/net/batch_norm_1/running_mean";
const std::string running_variance = "networks/net/batch_norm_1/running_variance";

MATCHER(Near, "") { return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= 1e-12; }

// Two players on one network that normalises; batches of two points.
std::string normalised(const std::string& values, const std::string& first_loss, const std::string& second_loss,
                       const std::string& rest) {
  return "data: {train: {dirac: {at: 0}}, batch: 2}\n"
         "networks:\n"
         "  net: {inputs: {x: [1]}, layers: [batch_norm: {decay: 0.5}]}\n  " +
         line_network("other", 1) + "\nvalues: {" + values +
         "}\n"
         "players:\n"
         "  first: {updates: net, optimizer: {sgd: {lr: 0.1}}, loss: {expression: '" +
         first_loss +
         "'}}\n"
         "  second: {updates: other, optimizer: {sgd: {lr: 0.1}}, loss: {expression: '" +
         second_loss + "'}}\n" + rest;
}

TEST(Statistics, MoveOnceForACallThatTwoPlayersShare) {
  Game game(normalised("y: net(data.point)", "y", "other(y)", "train: {steps: 9, turns: simultaneous}\n"));
  game.step({1, 5});  // mean 3, variance 4
  EXPECT_NEAR(game.weight(running_mean), 1.5, tolerance);
  EXPECT_NEAR(game.weight(running_variance), 0.5 + 2, tolerance);
  game.step({7, 7});
  EXPECT_NEAR(game.weight(running_mean), 4.25, tolerance);
  EXPECT_NEAR(game.weight(running_variance), 1.25, tolerance);
}

// The second turn asks for the same call; nothing that it depends on was updated between, so it is not run again.
TEST(Statistics, MoveOnceForACallThatALaterTurnRepeats) {
  Game game(normalised("y: net(data.point)", "y", "other(y)", "train: {steps: 9, turns: [second, first]}\n"));
  game.step({1, 5});
  EXPECT_NEAR(game.weight(running_mean), 1.5, tolerance);
}

TEST(Statistics, MoveAgainAfterAnUpdateOfTheNetwork) {
  Game game(
      normalised("y: net(data.point)", "square(y) + y", "other(y)", "train: {steps: 9, turns: [first, second]}\n"));
  game.step({1, 5});
  EXPECT_NEAR(game.weight(running_mean), 0.5 * 1.5 + 0.5 * 3, tolerance);
}

TEST(Statistics, MoveForEachCallInFileOrder) {
  const std::string rest = "train: {steps: 9}\n";
  // Called on x and on 10·x: the call that stands later in the file weighs more.
  Game game(normalised("a: net(data.point), b: net(10 * data.point)", "b + a", "other(a)", rest));
  game.step({1, 5});
  EXPECT_NEAR(game.weight(running_mean), 0.25 * 3 + 0.5 * 30, tolerance);
  Game swapped(normalised("b: net(10 * data.point), a: net(data.point)", "b + a", "other(a)", rest));
  swapped.step({1, 5});
  EXPECT_NEAR(swapped.weight(running_mean), 0.25 * 30 + 0.5 * 3, tolerance);
}

TEST(Statistics, DoNotMoveInInferenceModeWhichReadsThem) {
  Game game(normalised("y: 'net(data.point, mode=inference)', gamma: net(data.point)", "y", "other(y)",
                       "train: {steps: 9}\nmetrics: {shown: mean(y)}\n"));
  const auto metrics = game.step({1, 5});
  EXPECT_EQ(game.weight(running_mean), 0);
  EXPECT_EQ(game.weight(running_variance), 1);
  EXPECT_NEAR(metrics.at("shown"), 3 / std::sqrt(1 + 1e-3), tolerance);  // (3 − 0)/√(1 + ε), Keras' ε
}

TEST(Statistics, DoNotMoveWhenAMetricLooks) {
  Game game(normalised("y: net(data.point), unused: net(5 * data.point)", "y", "other(y)",
                       "train: {steps: 9}\nmetrics: {look: mean(unused), again: mean(net(3 * data.point))}\n"));
  game.step({1, 5});
  EXPECT_NEAR(game.weight(running_mean), 1.5, tolerance);
}

TEST(Statistics, AreReadBySamples) {
  Game game(normalised("y: net(data.point), shown: 'net(normal(1, mean=2, deviation=0))'", "y", "other(y)",
                       "train: {steps: 9}\nsample: {value: shown, count: 3, plot: scatter}\n"));
  game.step({1, 5});
  const double gamma = game.weight("networks/net/batch_norm_1/gamma");
  const double beta = game.weight("networks/net/batch_norm_1/beta");
  const double seen = gamma * (2 - 1.5) / std::sqrt(2.5 + 1e-3) + beta;
  EXPECT_THAT(game.sample(0), Pointwise(Near(), {seen, seen, seen}));
}

// One player that walks: its loss is the network's output at `input`, so that its gradient is the input.
std::string walk(const std::string& optimizer, const std::string& rest, const std::string& network = "") {
  return "data: {train: {dirac: {at: 0}}, batch: 1}\n"
         "networks: {" +
         (network.empty() ? line_network("net", 1) : network) +
         "}\n"
         "values: {one: 'normal(1, mean=1, deviation=0)', y: net(data.point)}\n"
         "players: {walker: {updates: net, optimizer: {sgd: {" +
         optimizer + "}}, loss: {expression: y}}}\n" + rest;
}
const std::string weight = "networks/net/dense_1/weight";

TEST(Averages, FollowTheWeightsFromTheirStart) {
  Game game(walk("lr: 1",
                 "train: {steps: 9}\naverages: {net: {decay: 0.75, start: 2}}\n"
                 "metrics: {average: mean(net.average(one))}\n"));
  // The weight is 1, 0, −1, −2, −3, …; the average equals it for two steps, then a ← 0.75·a + 0.25·w.
  double shown = 1;
  for (const double average : {0.0, -1.0, -1.25, -1.6875, -2.265625}) {
    EXPECT_NEAR(game.step({1}).at("average"), shown, tolerance);  // as it was before the step
    EXPECT_NEAR(game.weight("averages/net/dense_1/weight"), average, tolerance);
    shown = average;
  }
}

TEST(Averages, BeginAsTheWeights) {
  Game game(walk("lr: 1", "train: {steps: 9}\naverages: {net: {decay: 0.5}}\n"));
  game.step({1});
  EXPECT_NEAR(game.weight("averages/net/dense_1/weight"), 0.5 * 1 + 0.5 * 0, tolerance);
}

TEST(Averages, GoOnInStepsThatDoNotCallTheirNetwork) {
  std::string text = walk("lr: 1", "train: {steps: 9}\naverages: {net: {decay: 0.5}}\n");
  const std::string term = "{expression: y}";
  Game game(text.replace(text.find(term), term.size(), "{expression: {value: y, every: 2}}"));
  // The weight moves in the first step, by 2, and stays in the second: the average comes half the way in each.
  double average = 1;
  for (int step = 0; step < 2; ++step) {
    game.step({1});
    average = 0.5 * average + 0.5 * game.weight("networks/net/dense_1/weight");
    EXPECT_NEAR(game.weight("averages/net/dense_1/weight"), average, tolerance);
  }
  EXPECT_NEAR(average, -0.5, tolerance);
}

TEST(Averages, AreNeverTrained) {
  Game game(walk("lr: 1", "train: {steps: 9}\naverages: {net: {decay: 1}}\nmetrics: {a: mean(net.average(one))}\n"));
  for (int step = 0; step < 3; ++step) game.step({1});
  EXPECT_EQ(game.weight("averages/net/dense_1/weight"), 1);
}

TEST(Accumulation, UpdatesOnceWithTheMeanGradient) {
  Game game(walk("lr: 0.1, accumulate: 3", "train: {steps: 9}\n"));
  game.step({1});
  game.step({2});
  EXPECT_EQ(game.weight(weight), 1);
  game.step({6});
  EXPECT_NEAR(game.weight(weight), 1 - 0.1 * 3, tolerance);
  game.step({3});
  game.step({3});
  game.step({0});
  EXPECT_NEAR(game.weight(weight), 1 - 0.1 * 3 - 0.1 * 2, tolerance) << "it starts again from zero";
}

TEST(Accumulation, CountsTurnsAndNotSteps) {
  Game game(walk("lr: 0.1, accumulate: 2", "train: {steps: 9, turns: [walker: 3]}\n"));
  game.step({1, 3, 5});  // (1 + 3)/2, and 5 is kept
  EXPECT_NEAR(game.weight(weight), 1 - 0.1 * 2, tolerance);
  game.step({7, 2, 4});  // (5 + 7)/2 and (2 + 4)/2
  EXPECT_NEAR(game.weight(weight), 1 - 0.1 * (2 + 6 + 3), tolerance);
  const PlayerSpec& walker = game.experiment().players[0];
  const StepCounts counts(game.experiment());
  EXPECT_EQ(counts.updates_before(walker, 1), 1);
  EXPECT_EQ(counts.updates_before(walker, 2), 3);
}

TEST(Clipping, ByNormScalesAllWeightsOfThePlayerTogether) {
  const std::string two =
      "net: {inputs: {x: [1]}, layers: [dense: {units: 1, kernel_initializer: zeros, bias_initializer: zeros}]}";
  Game game(walk("lr: 1, clip_norm: 2.5", "train: {steps: 9}\n", two));
  game.step({std::sqrt(24)});  // the gradients are √24 and 1: their norm is 5
  EXPECT_NEAR(game.weight(weight), -std::sqrt(24) / 2, 1e-6);
  EXPECT_NEAR(game.weight("networks/net/dense_1/bias"), -0.5, 1e-6);
  game.step({0});  // a norm of 1 is left alone
  EXPECT_NEAR(game.weight("networks/net/dense_1/bias"), -1.5, 1e-6);
}

TEST(Clipping, ByValueCutsEachElement) {
  const std::string two =
      "net: {inputs: {x: [1]}, layers: [dense: {units: 1, kernel_initializer: zeros, bias_initializer: zeros}]}";
  Game game(walk("lr: 1, clip_value: 2.5", "train: {steps: 9}\n", two));
  game.step({-4});
  EXPECT_NEAR(game.weight(weight), 2.5, tolerance);
  EXPECT_NEAR(game.weight("networks/net/dense_1/bias"), -1, tolerance);
}

TEST(Clipping, ActsOnTheAccumulatedGradient) {
  Game game(walk("lr: 1, accumulate: 2, clip_value: 2.5", "train: {steps: 9}\n"));
  game.step({7});
  game.step({-3});  // their mean is 2
  EXPECT_NEAR(game.weight(weight), -1, tolerance);
}

TEST(Terms, LazyOnesCountForTheStepsThatTheySkip) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 1}\n"
      "networks: {" +
      line_network("net", 1) +
      "}\n"
      "values: {y: net(data.point)}\n"
      "players: {walker: {updates: net, optimizer: {sgd: {lr: 1}},\n"
      "  loss: [{expression: y}, {expression: {value: '10 * y', weight: 0.5, every: 3}}]}}\n"
      "train: {steps: 9}\n");
  std::vector<double> weights, losses;
  for (int step = 0; step < 4; ++step) {
    losses.push_back(game.step({1}).at("walker.loss"));
    weights.push_back(game.weight(weight));
  }
  // The gradient is 1, and in steps 0 and 3 also 0.5·3·10.
  EXPECT_THAT(weights, Pointwise(Near(), {-15, -16, -17, -33}));
  EXPECT_THAT(losses, Pointwise(Near(), {16, -15, -16, -17 * 16}));
}

TEST(Terms, WeightsAndLearningRatesFollowSchedules) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 1}\n"
      "networks: {" +
      line_network("net", 1) +
      "}\n"
      "values: {y: net(data.point)}\n"
      "players: {walker: {updates: net, optimizer: {sgd: {lr: {linear: {from: 1, to: 0}}}},\n"
      "  loss: {expression: {value: y, weight: {linear: {from: 4, to: 0}}}}}}\n"
      "train: {steps: 4}\n");
  double expected = 1;
  for (int step = 0; step < 4; ++step) {
    const double left = 1 - step / 4.0;
    expected -= left * 4 * left;
    game.step({1});
    EXPECT_NEAR(game.weight(weight), expected, tolerance);
  }
}

}  // namespace
}  // namespace duel
