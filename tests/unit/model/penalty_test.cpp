// A gradient penalty as a loss, and the same written by hand among the values.
#include <gtest/gtest.h>

#include "graph/print.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

// WGAN-GP in the plane, with `penalty` beside the critic's loss.
std::string wgan_gp(const std::string& slope, const std::string& penalty) {
  return "data: {train: {ring: {}}, batch: 4}\n"
         "networks:\n"
         "  generator: {inputs: {z: [2]}, layers: [dense: 4, tanh, dense: 2]}\n"
         "  critic: {inputs: {x: [2]}, layers: [dense: 5, layer_norm, leaky_relu: 0.2, dense: 1]}\n"
         "values:\n"
         "  real: data.point\n"
         "  fake: generator(normal(2))\n"
         "  mix: interpolate(real, fake)\n"
         "  d_mix: critic(mix)\n" +
         slope +
         "players:\n"
         "  critic:\n"
         "    updates: critic\n"
         "    optimizer: {adam: {lr: 0.01}}\n"
         "    loss:\n"
         "      - wasserstein: {real: critic(real), fake: critic(fake), side: discriminator}\n"
         "      - " +
         penalty +
         "\n"
         "  generator: {updates: generator, optimizer: {adam: {lr: 0.01}},\n"
         "              loss: [wasserstein: {fake: critic(fake), side: generator}]}\n"
         "train: {steps: 5, turns: [critic: 2, generator]}\n";
}

const std::string critic_weight = "networks/critic/dense_1/weight";

TEST(GradientPenalty, IsBitForBitWhatValuesSayByHand) {
  Game hand(wgan_gp("  slope: 'norm(gradient(d_mix, mix))'\n", "expression: {value: square(slope - 1), weight: 10}"),
            {2});
  Game loss(wgan_gp("", "gradient_penalty: {of: d_mix, wrt: mix, weight: 10}"), {2});
  for (int step = 0; step < 5; ++step) {
    std::vector<double> points;
    for (int i = 0; i < 16; ++i) points.push_back(0.1 * i - 0.3 * step);
    EXPECT_EQ(hand.step(points), loss.step(points));
  }
  EXPECT_EQ(hand.variable(critic_weight), loss.variable(critic_weight));
  EXPECT_EQ(hand.variable("networks/generator/dense_2/weight"), loss.variable("networks/generator/dense_2/weight"));
  // So it is on any engine: what is computed is the same graph.
  EXPECT_EQ(print_graph(hand.graph_of_step(0).graph), print_graph(loss.graph_of_step(0).graph));
}

TEST(GradientPenalty, MovesTheCritic) {
  const std::string nothing = "gradient_penalty: {of: d_mix, wrt: mix, weight: 0}";
  Game with(wgan_gp("", "gradient_penalty: {of: d_mix, wrt: mix, weight: 10}"), {2});
  Game without(wgan_gp("", nothing), {2});
  const std::vector<double> points(16, 0.5);
  with.step(points);
  without.step(points);
  EXPECT_NE(with.variable(critic_weight), without.variable(critic_weight));
}

}  // namespace
}  // namespace duel
