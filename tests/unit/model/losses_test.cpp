// What losses ask of the model: weights of networks, counts of rows that follow a schedule, state; and weight clipping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/print.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A player of one network [2] → [2] that starts as the matrix of ones, and another network that nobody moves.
std::string matrix_game(const std::string& loss, const std::string& optimizer = "sgd: {lr: 0.1}") {
  return "data: {train: {dirac: {at: 0}}, batch: 1}\n"
         "networks:\n"
         "  net: {inputs: {x: [2]}, layers: [dense: {units: 2, kernel_initializer: ones}]}\n"
         "  other: {inputs: {x: [2]}, layers: [dense: 2]}\n"
         "values: {y: 'net(normal(2, mean=1, deviation=0))'}\n"
         "players:\n"
         "  walker: {updates: net, optimizer: {" +
         optimizer + "}, loss: [" + loss + "]}\ntrain: {steps: 9}\n";
}

const std::string matrix = "networks/net/dense_1/weight";

// The two filters' product is 2 and counts twice, as ij and as ji: 2 · 2², with the derivative 2 · 2 · 2 by each
// weight.
TEST(OrthogonalLoss, MovesTheWeightsOfItsNetwork) {
  Game game(matrix_game("orthogonal: net"));
  EXPECT_DOUBLE_EQ(game.step({0}).at("walker.loss"), 2 * 4);
  for (const double weight : game.variable(matrix)) EXPECT_NEAR(weight, 1 - 0.1 * 4 * 2, tolerance);
  EXPECT_THAT(game.variable("networks/net/dense_1/bias"), ElementsAre(0, 0));
}

TEST(OrthogonalLoss, CountsTheDiagonalWhereItIsAsked) {
  Game game(matrix_game("orthogonal: {networks: net, form: full}"));
  EXPECT_DOUBLE_EQ(game.step({0}).at("walker.loss"), 2 * 4 + 2 * 1);
}

TEST(OrthogonalLoss, NeedsNoCallOfTheNetworkInItsTurn) {
  const Game alone(matrix_game("orthogonal: net"));
  // What it is called on for its weights leaves nothing in the graph.
  EXPECT_THAT(print_graph(alone.graph_of_step(0).graph), testing::Not(HasSubstr("random")));
}

TEST(OrthogonalLoss, IsRefusedWhereItWouldMoveNothing) {
  EXPECT_THAT(refusal_of(matrix_game("orthogonal: other"), {0}),
              HasSubstr("the player 'walker' does not update 'other', so it would not move; put the term into the loss "
                        "of a player that does"));
  EXPECT_THAT(refusal_of(matrix_game("orthogonal: nett"), {0}),
              HasSubstr("no network is called 'nett'; did you mean 'net'?"));
  EXPECT_THAT(refusal_of(matrix_game("orthogonal: nett"), {0}), HasSubstr("game.yaml:7:"));
}

TEST(OrthogonalLoss, LeavesEmbeddingsOut) {
  const std::string networks = "networks: {net: {inputs: {k: []}, layers: [embedding: {classes: 4, size: 2}]}}\n";
  EXPECT_THAT(refusal_of(networks + "data: {batch: 1}\nvalues: {k: categorical(4)}\n"
                                    "players: {one: {updates: net, optimizer: sgd, loss: [orthogonal: net]}}\n"
                                    "train: {steps: 1}\n"),
              HasSubstr("orthogonal: net has no weights that multiply"));
}

TEST(WeightClipping, ClampsEachWeightAfterItsUpdate) {
  // The gradient of each weight is ½ (the mean of two outputs), of each bias too: 1 + 0.1 · ½ and 0.1 · ½.
  Game free(matrix_game("{expression: -y}"));
  Game clipped(matrix_game("{expression: -y}", "sgd: {lr: 0.1, clip_weights: 1.01}"));
  free.step({0});
  clipped.step({0});
  EXPECT_THAT(free.variable(matrix), ElementsAre(1.05, 1.05, 1.05, 1.05));
  EXPECT_THAT(clipped.variable(matrix), ElementsAre(1.01, 1.01, 1.01, 1.01));
  EXPECT_EQ(clipped.variable("networks/net/dense_1/bias"), free.variable("networks/net/dense_1/bias"));
}

TEST(WeightClipping, IsOnBothSidesAndForEveryOptimizer) {
  for (const std::string kind : {"sgd", "rmsprop", "adam", "adamw", "adabelief", "lion"}) {
    Game game(matrix_game("{expression: y}", kind + ": {lr: 5, clip_weights: 0.01}"));
    game.step({0});
    EXPECT_THAT(game.variable(matrix), ElementsAre(-0.01, -0.01, -0.01, -0.01)) << kind;
  }
  EXPECT_THAT(refusal_of(matrix_game("{expression: y}", "sgd: {clip_weights: 0}"), {0}), HasSubstr("more than 0"));
}

TEST(Top, FollowsAScheduleExactly) {
  // Of the rows 0 … 9 the greatest: all ten, then seven, five, two.
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 10}\nnetworks: {" + line_network("net", 1) +
      "}\nvalues: {y: net(data.point)}\nplayers:\n  one:\n    updates: net\n    optimizer: {sgd: {lr: 0}}\n    loss:\n"
      "      - wasserstein: {fake: y, side: generator, top: {piecewise: {at: [1, 2, 3], values: "
      "[1, 0.7, 0.5, 0.11]}}}\ntrain: {steps: 4}\n");
  const std::vector<double> points{3, 1, 4, 0, 5, 9, 2, 6, 8, 7};
  std::vector<double> losses;
  for (int step = 0; step < 4; ++step) losses.push_back(game.step(points).at("one.loss"));
  EXPECT_THAT(losses, ElementsAre(-4.5, -6, -7, -8.5));
}

TEST(Flip, DrawsAnewInEachStepAndTurn) {
  const std::string player =
      "{updates: net, optimizer: {sgd: {lr: 0}}, loss: [bce: {logits: y, target: 1, "
      "flip: 0.5}]}";
  Game game("data: {train: {dirac: {at: 0}}, batch: 64}\nnetworks: {" + line_network("net", 1) +
            "}\nvalues: {y: net(data.point)}\nplayers: {one: " + player + ", two: " + player +
            "}\ntrain: {steps: 4, turns: [one, two]}\n");
  const std::vector<double> points(64, 3.0);
  const auto first = game.step(points), second = game.step(points);
  EXPECT_NE(first.at("one.loss"), first.at("two.loss"));
  EXPECT_NE(first.at("one.loss"), second.at("one.loss"));
}

TEST(LeCamLoss, KeepsItsAveragesInTheCheckpoint) {
  Game game("data: {train: {dirac: {at: 0}}, batch: 2}\nnetworks: {" + line_network("net", 1) +
            "}\nvalues: {d_real: net(data.point), d_fake: 'net(normal(1, mean=-1, deviation=0))'}\n"
            "players: {one: {updates: net, optimizer: {sgd: {lr: 0}}, loss: [lecam: {real: d_real, fake: d_fake, "
            "decay: 0.9}]}}\ntrain: {steps: 4}\n");
  EXPECT_NEAR(game.step({1, 3}).at("one.loss"), 5 + 1, tolerance);
  std::vector<double> states;
  for (const VariableStart& start : game.graph_of_step(1).variables) {
    if (start.name.starts_with("states/")) states.push_back(game.weight(start.name));
  }
  std::ranges::sort(states);
  EXPECT_THAT(states, ElementsAre(testing::DoubleNear(-0.1, tolerance), testing::DoubleNear(0.2, tolerance)));
  EXPECT_NEAR(game.step({1, 3}).at("one.loss"), (1.1 * 1.1 + 3.1 * 3.1) / 2 + 1.2 * 1.2, tolerance);
}

// Berthelot et al. 2017, "BEGAN", section 3.4, written in values: the discriminator is an autoencoder, here the line
// d·x, the generator the point θ, and k balances the two.
TEST(Began, BalanceIsAValueOfItsOwnPast) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 2}\nnetworks:\n  " + line_network("generator", 3) + "\n  " +
      line_network("autoencoder", 0.5) +
      "\nvalues:\n"
      "  real: data.point\n"
      "  fake: 'generator(normal(1, mean=1, deviation=0))'\n"
      "  l_real: mean(abs(real - autoencoder(real)))\n"
      "  l_fake: mean(abs(fake - autoencoder(fake)))\n"
      "  k: previous(next_k)\n"
      "  next_k: 'clip(k + 0.5 * (0.5 * l_real - l_fake), 0, 1)'\n"
      "players:\n"
      "  autoencoder: {updates: autoencoder, optimizer: {sgd: {lr: 0.1}}, loss: {expression: l_real - k * l_fake}}\n"
      "  generator: {updates: generator, optimizer: {sgd: {lr: 0.1}}, loss: {expression: l_fake}}\n"
      "train: {steps: 20}\nmetrics: {k: k, convergence: l_real + abs(0.5 * l_real - l_fake)}\n");
  double theta = 3, d = 0.5, k = 0;
  double greatest = 0;
  for (int step = 0; step < 12; ++step) {
    const double x = step < 6 ? 9 : 1;
    const double l_real = std::abs(x - d * x), l_fake = std::abs(theta - d * theta);
    const auto metrics = game.step({x, x});
    EXPECT_NEAR(metrics.at("k"), k, tolerance) << step;
    EXPECT_NEAR(metrics.at("convergence"), l_real + std::abs(0.5 * l_real - l_fake), tolerance) << step;
    const double slope_real = d < 1 ? -std::abs(x) : std::abs(x);
    const double slope_fake = d < 1 ? -std::abs(theta) : std::abs(theta);
    const double slope_theta = (theta * (1 - d) > 0 ? 1 : -1) * (1 - d);
    d -= 0.1 * (slope_real - k * slope_fake);
    theta -= 0.1 * slope_theta;
    k = std::clamp(k + 0.5 * (0.5 * l_real - l_fake), 0.0, 1.0);
    greatest = std::max(greatest, k);
    EXPECT_NEAR(game.weight("networks/autoencoder/dense_1/weight"), d, tolerance);
    EXPECT_NEAR(game.weight("networks/generator/dense_1/weight"), theta, tolerance);
  }
  EXPECT_GT(greatest, 0);
}

}  // namespace
}  // namespace duel
