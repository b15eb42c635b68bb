// Whose turn it is and what it sees: small linear games whose course can be followed by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;

const std::string theta = "networks/generator/dense_1/weight";
const std::string psi = "networks/discriminator/dense_1/weight";

// The Dirac-GAN with the Wasserstein loss: the generator is the point θ, the discriminator the line ψ·x. The loss of
// the discriminator is ψ·θ − ψ·x for a real x, that of the generator −ψ·θ.
std::string dirac(const std::string& train) {
  return "data: {train: {dirac: {at: 0}}, batch: 1}\n"
         "networks:\n  " +
         line_network("generator", 1) + "\n  " + line_network("discriminator", 1) +
         "\n"
         "values:\n"
         "  one: 'normal(1, mean=1, deviation=0)'\n"
         "  fake: generator(one)\n"
         "  d_real: discriminator(data.point)\n"
         "  d_fake: discriminator(fake)\n"
         "players:\n"
         "  discriminator:\n"
         "    updates: discriminator\n"
         "    optimizer: {sgd: {lr: 0.1}}\n"
         "    loss: {real: {expression: -d_real}, fake: {expression: d_fake}}\n"
         "  generator:\n"
         "    updates: generator\n"
         "    optimizer: {sgd: {lr: 0.1}}\n"
         "    loss: {expression: -d_fake}\n"
         "train: {steps: 10, " +
         train + "}\n";
}

// The same with one loss for the discriminator.
std::string dirac_of_one_loss(const std::string& train) {
  std::string text = dirac(train);
  const std::string two = "{real: {expression: -d_real}, fake: {expression: d_fake}}";
  return text.replace(text.find(two), two.size(), "[{expression: -d_real}, {expression: d_fake}]");
}

TEST(Turns, SimultaneousPlayersSeeTheSameWeights) {
  Game game(dirac_of_one_loss("turns: simultaneous"));
  // ψ ← ψ − 0.1·θ and θ ← θ + 0.1·ψ from (1, 1), at real x = 0.
  for (const auto& [psi_now, theta_now] : {std::pair{0.9, 1.1}, {0.79, 1.19}, {0.671, 1.269}}) {
    game.step({0});
    EXPECT_NEAR(game.weight(psi), psi_now, tolerance);
    EXPECT_NEAR(game.weight(theta), theta_now, tolerance);
  }
}

TEST(Turns, AlternatingPlayersSeeTheUpdatesBeforeThem) {
  Game game(dirac_of_one_loss("turns: [discriminator, generator]"));
  // ψ ← ψ − 0.1·θ and then θ ← θ + 0.1·ψ with the new ψ.
  for (const auto& [psi_now, theta_now] : {std::pair{0.9, 1.09}, {0.791, 1.1691}, {0.67409, 1.236509}}) {
    game.step({0});
    EXPECT_NEAR(game.weight(psi), psi_now, tolerance);
    EXPECT_NEAR(game.weight(theta), theta_now, tolerance);
  }
}

TEST(Turns, TheOrderIsTheOneWritten) {
  Game game(dirac_of_one_loss("turns: [generator, discriminator]"));
  game.step({0});
  EXPECT_NEAR(game.weight(theta), 1.1, tolerance);
  EXPECT_NEAR(game.weight(psi), 0.89, tolerance);
}

TEST(Turns, AreSimultaneousUnlessSaidOtherwise) {
  Game game(dirac_of_one_loss("log_every: 1"));
  game.step({0});
  EXPECT_NEAR(game.weight(theta), 1.1, tolerance);
  EXPECT_NEAR(game.weight(psi), 0.9, tolerance);
}

TEST(Turns, DifferentiateOnlyWhatThePlayerUpdates) {
  const Game game(dirac_of_one_loss("turns: [discriminator, generator]"));
  std::vector<std::string> checks;
  for (const GradientCheck& check : game.graph_of_step(0).checks) checks.push_back(check.player + " " + check.weight);
  EXPECT_THAT(checks, ElementsAre("discriminator discriminator/dense_1/weight", "generator generator/dense_1/weight"));
}

TEST(NamedLosses, AreTurnsOfTheirOwn) {
  Game game(dirac("turns: [discriminator.real, discriminator.fake, generator]"));
  // At x = 2: ψ = 1 + 0.1·2, then ψ − 0.1·θ, then θ + 0.1·ψ.
  const auto metrics = game.step({2});
  EXPECT_NEAR(game.weight(psi), 1.1, tolerance);
  EXPECT_NEAR(game.weight(theta), 1.11, tolerance);
  EXPECT_NEAR(metrics.at("discriminator.real.loss"), -2, tolerance);
  EXPECT_NEAR(metrics.at("discriminator.fake.loss"), 1.2, tolerance);  // at the ψ that the turn before left
  EXPECT_NEAR(metrics.at("generator.loss"), -1.1, tolerance);
}

TEST(NamedLosses, ABarePlayerPlaysEachOnce) {
  Game bare(dirac("turns: [discriminator, generator]"));
  Game spelled(dirac("turns: [discriminator.real, discriminator.fake, generator]"));
  EXPECT_EQ(bare.step({2}), spelled.step({2}));
  EXPECT_EQ(bare.weight(theta), spelled.weight(theta));
}

TEST(NamedLosses, CanBeRepeatedOneByOne) {
  Game game(dirac("turns: [discriminator.real, discriminator.fake: 2, generator]"));
  game.step({2, 0});  // ψ + 0.1·2 − 0.1·1 twice
  EXPECT_NEAR(game.weight(psi), 1, tolerance);
}

TEST(Repeats, DrawNewBatches) {
  Game game(dirac_of_one_loss("turns: [discriminator: 3, generator]"));
  // Three updates ψ ← ψ + 0.1·(x − θ) with a batch each; the generator's turn has the step's first batch.
  game.step({2, 3, 7});
  EXPECT_NEAR(game.weight(psi), 1 + 0.1 * (2 + 3 + 7 - 3), tolerance);
  EXPECT_NEAR(game.weight(theta), 1 + 0.1 * 1.9, tolerance);
  EXPECT_EQ(game.graph_of_step(0).batches, 3);
}

TEST(Repeats, AreCountedForEachStepInTurn) {
  const Game game(dirac_of_one_loss("turns: [discriminator: 3, generator, discriminator]"));
  const StepCounts counts(game.experiment());
  EXPECT_EQ(counts.batches(), 3);
  EXPECT_EQ(counts.updates_before(*game.experiment().find_player("discriminator"), 5), 20);
  EXPECT_EQ(counts.updates_before(*game.experiment().find_player("generator"), 5), 5);
  std::vector<int64_t> repeats, groups;
  for (const PlayedTurn& turn : played_turns(game.experiment())) {
    repeats.push_back(turn.repeat);
    groups.push_back(turn.group);
  }
  EXPECT_THAT(repeats, ElementsAre(0, 1, 2, 0, 0));
  EXPECT_THAT(groups, ElementsAre(0, 1, 2, 3, 4));
}

// With a gradient that never changes, Adam's corrected moments are the gradient and its square after any number of
// updates, so each moves the weight by lr: unless an update is miscounted.
TEST(Repeats, EachCountsAsAnUpdateOfTheOptimizer) {
  Game game("networks: {" + line_network("net", 1) +
            "}\n"
            "values: {y: 'net(normal(1, mean=5, deviation=0))'}\n"
            "players: {one: {updates: net, optimizer: {adam: {lr: 0.1, epsilon: 1.0e-300}}, loss: {expression: y}}}\n"
            "data: {batch: 1}\n"
            "train: {steps: 10, turns: [one: 2]}\n");
  for (int step = 1; step <= 4; ++step) {
    game.step();
    EXPECT_NEAR(game.weight("networks/net/dense_1/weight"), 1 - 0.2 * step, 1e-9);
  }
}

// A player whose loss is the noise times its weight moves by exactly what was drawn.
std::string noise_walk(const std::string& train, const std::string& noise = "normal(1)") {
  return "networks:\n  " + line_network("a", 0) + "\n  " + line_network("b", 0) +
         "\n"
         "values: {z: '" +
         noise +
         "', on_a: a(z), on_b: b(z)}\n"
         "players:\n"
         "  first: {updates: a, optimizer: {sgd: {lr: 1}}, loss: {expression: on_a}}\n"
         "  second: {updates: b, optimizer: {sgd: {lr: 1}}, loss: {expression: on_b}}\n"
         "data: {batch: 1}\n"
         "train: {steps: 10, " +
         train + "}\n";
}

// What a and b have moved by in each of two steps.
std::vector<double> moves(const std::string& yaml) {
  Game game(yaml);
  std::vector<double> moved;
  double a = 0, b = 0;
  for (int step = 0; step < 2; ++step) {
    game.step();
    moved.push_back(game.weight("networks/a/dense_1/weight") - a);
    moved.push_back(game.weight("networks/b/dense_1/weight") - b);
    a += moved[moved.size() - 2];
    b += moved.back();
  }
  return moved;
}

TEST(Noise, IsSharedBySimultaneousPlayers) {
  const auto moved = moves(noise_walk("turns: simultaneous"));
  EXPECT_EQ(moved[0], moved[1]);
  EXPECT_NE(moved[0], 0);
  EXPECT_NE(moved[0], moved[2]) << "a step draws anew";
  EXPECT_NEAR(moved[2], moved[3], tolerance);
}

TEST(Noise, IsDrawnAgainForEachTurn) {
  const auto moved = moves(noise_walk("turns: [first, second]"));
  EXPECT_NE(moved[0], moved[1]);
  EXPECT_EQ(moved, moves(noise_walk("turns: [first, second], redraw: turn"))) << "which is the default";
}

TEST(Noise, IsDrawnOncePerStepWhenAskedFor) {
  const auto moved = moves(noise_walk("turns: [first, second], redraw: step"));
  EXPECT_EQ(moved[0], moved[1]);
  EXPECT_NE(moved[0], moved[2]);
}

TEST(Noise, CanSayForItselfWhenItIsDrawn) {
  const auto once = moves(noise_walk("turns: [first, second], redraw: turn", "normal(1, redraw=step)"));
  EXPECT_EQ(once[0], once[1]);
  const auto twice = moves(noise_walk("turns: [first, second], redraw: step", "normal(1, redraw=turn)"));
  EXPECT_NE(twice[0], twice[1]);
}

TEST(Noise, IsDrawnAgainForEachRepeat) {
  const double once = moves(noise_walk("turns: [first, second]"))[0];
  const double twice = moves(noise_walk("turns: [first: 2, second]"))[0];
  EXPECT_GT(std::abs(twice - 2 * once), 1e-6);
}

TEST(Noise, FollowsTheSeed) {
  const auto first = moves("seed: 1\n" + noise_walk("turns: simultaneous"));
  EXPECT_EQ(first, moves("seed: 1\n" + noise_walk("turns: simultaneous")));
  EXPECT_NE(first, moves("seed: 2\n" + noise_walk("turns: simultaneous")));
}

}  // namespace
}  // namespace duel
