// Layers within layers, blocks and shared weights, as a step plays them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/check.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// `more` of a dense layer that multiplies by `start`.
std::string times(double start, const std::string& more = "") {
  return fmt::format("dense: {{units: 1, bias: false, kernel_initializer: {{constant: {}}}{}}}", start,
                     more.empty() ? "" : ", " + more);
}

// One player that moves `updates` by the loss y with rate 0.1, on batches of one point x.
std::string playing(const std::string& networks, const std::string& y, const std::string& updates,
                    const std::string& rest = "") {
  return "data: {train: {dirac: {at: 0}}, batch: 1}\nnetworks:\n" + networks + "values: {x: data.point, y: '" + y +
         "'}\nplayers: {one: {updates: [" + updates +
         "], optimizer: {sgd: {lr: 0.1}}, loss: {expression: y}}}\ntrain: {steps: 9}\n" + rest;
}

// ── within layers ──────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Nested, WeightsHaveTheirPath) {
  Game game(playing("  net: {inputs: {x: [1]}, layers: [repeat: {times: 2, layers: [residual: [" + times(3) + "]]}]}\n",
                    "net(x)", "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 4 * 4 * 2, tolerance);
  // y = (1 + a)(1 + b)x
  EXPECT_NEAR(game.weight("networks/net/repeat_1/1/residual_1/dense_1/weight"), 3 - 0.1 * 4 * 2, tolerance);
  EXPECT_NEAR(game.weight("networks/net/repeat_1/2/residual_1/dense_1/weight"), 3 - 0.1 * 4 * 2, tolerance);
}

TEST(Nested, AShapeErrorStandsAtTheLayerWithin) {
  EXPECT_THAT(refusal_of(playing("  net: {inputs: {x: [1]}, layers: [residual: [dense: 4, maxout: 3, dense: 1]]}\n",
                                 "net(x)", "net")),
              HasSubstr("game.yaml:3:57: networks.net.layers[0].residual.layers[1]: maxout: 4 channels"));
}

TEST(Nested, ANetworkCanBeTooDeepToEmit) {
  EXPECT_THAT(refusal_of(playing("  net: {inputs: {x: [1]}, layers: [repeat: {times: 1000, layers: [repeat: {times: "
                                 "1000, layers: [tanh]}]}, dense: 1]}\n",
                                 "net(x)", "net")),
              HasSubstr("the network has more than 10000 layers"));
}

TEST(Nested, TheTableCountsEachLayerOnce) {
  Game game(
      playing("  net:\n    inputs: {x: [1]}\n    layers:\n"
              "      - residual: {layers: [dense: 4, dense: 1], shortcut: [dense: 1]}\n"
              "      - spectral_norm: {layer: {dense: 3}}\n      - dense: {units: 3, share: a}\n"
              "      - dense: {units: 3, share: a}\n",
              "mean(net(x))", "net"));
  std::vector<std::string> names;
  std::vector<int64_t> parameters;
  double flops = 0;
  const auto rows = layer_table(*game.experiment().find_network("net"), DType::float32);
  for (const LayerRow& row : rows) {
    names.push_back(row.name);
    parameters.push_back(row.parameters);
    EXPECT_GE(row.flops, 0) << row.name;
    flops += row.flops;
  }
  EXPECT_THAT(names, ElementsAre("residual_1", "  dense_1", "  dense_2", "  shortcut", "    dense_1", "spectral_norm_1",
                                 "  dense", "dense_1", "dense_2"));
  EXPECT_THAT(parameters, ElementsAre(0, 8, 5, 0, 2, 0, 6, 12, 0));
  EXPECT_EQ(rows[0].flops, 1);  // the sum
  EXPECT_EQ(rows[0].output, (Shape{1}));
  EXPECT_GT(flops, 2 * (4 + 4 + 1 + 3 + 9 + 9));
}

// ── blocks ─────────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Blocks, EachUseHasItsParametersAndWeights) {
  Game game(
      "blocks: {scale: {parameters: {by: 2, more: 0}, layers: [dense: {units: 1, kernel_initializer: {constant: "
      "'${by}'}, bias_initializer: {constant: '${more}'}}]}}\n" +
      playing("  net: {inputs: {x: [1]}, layers: [scale, scale: 3, scale: {by: 5, more: 1, as: last}]}\n", "net(x)",
              "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 2 * 2 * 3 * 5 + 1, tolerance);
  EXPECT_NEAR(game.weight("networks/net/scale_1/dense_1/weight"), 2 - 0.1 * 2 * 15, tolerance);
  EXPECT_TRUE(game.has_variable("networks/net/scale_2/dense_1/bias"));
  EXPECT_NEAR(game.weight("networks/net/last/dense_1/bias"), 1 - 0.1, tolerance);
}

TEST(Blocks, TakeSeveralInputs) {
  const std::string block = "blocks: {join: {inputs: [left, right], layers: [add: {from: [left, right, right]}]}}\n";
  Game game(block + playing("  net: {inputs: {x: [1]}, layers: [" + times(3) + ", join: {from: [x, dense_1]}]}\n",
                            "net(x)", "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 2 + 2 * 6, tolerance);
  EXPECT_THAT(refusal_of(block + playing("  net: {inputs: {x: [1]}, layers: [join, dense: 1]}\n", "net(x)", "net")),
              HasSubstr("networks.net.layers[0]: join takes 2 inputs (left, right), not 1"));
}

// ── shared weights ─────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Share, WithinANetworkGradientsAddUp) {
  Game game(playing("  net: {inputs: {x: [1]}, layers: [" + times(3, "share: w") + ", " + times(7, "share: w") + "]}\n",
                    "net(x)", "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 3 * 3 * 2, tolerance);  // both start as the first one says
  EXPECT_NEAR(game.weight("shared/w/weight"), 3 - 0.1 * 2 * 3 * 2, tolerance);
  EXPECT_FALSE(game.has_variable("networks/net/dense_2/weight"));
}

TEST(Share, AcrossNetworksOnePlayerMovesThemOnce) {
  const std::string networks = "  a: {inputs: {x: [1]}, layers: [" + times(3, "share: w") + "]}\n" +
                               "  b: {inputs: {x: [1]}, layers: [" + times(1, "share: w") + ", " + times(2) + "]}\n";
  Game game(playing(networks, "a(x) + b(x)", "a, b"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 6 + 12, tolerance);
  EXPECT_NEAR(game.weight("shared/w/weight"), 3 - 0.1 * (2 + 4), tolerance);
  EXPECT_NEAR(game.weight("networks/b/dense_2/weight"), 2 - 0.1 * 6, tolerance);
}

TEST(Share, HoldsForWholeBlocksOfLayers) {
  Game game(playing("  net: {inputs: {x: [1]}, layers: [residual: {share: w, layers: [" + times(3) +
                        "]}, residual: {share: w, layers: [" + times(5) + "]}]}\n",
                    "net(x)", "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), 4 * 4 * 2, tolerance);
  EXPECT_NEAR(game.weight("shared/w/dense_1/weight"), 3 - 0.1 * 2 * 4 * 2, tolerance);
}

TEST(Share, StatisticsPassFromLayerToLayer) {
  Game game(playing("  net: {inputs: {x: [1]}, layers: [batch_norm: {share: n, decay: 0.5}, " + times(1) +
                        ", add: {from: [x, x]}, batch_norm: {share: n, decay: 0.5}]}\n",
                    "mean(net(x))", "net"));
  game.step({4});
  EXPECT_NEAR(game.weight("shared/n/running_mean"), 0.5 * (0.5 * 4) + 0.5 * 8, tolerance);
}

TEST(Share, EachNetworkAveragesThemOnItsOwn) {
  const std::string networks = "  a: {inputs: {x: [1]}, layers: [" + times(3, "share: w") + "]}\n" +
                               "  b: {inputs: {x: [1]}, layers: [" + times(1, "share: w") + "]}\n";
  Game game(playing(networks, "a(x) + b(x)", "a", "averages: {a: {decay: 0.9}, b: {decay: 0.5}}\n"));
  game.step({2});
  const double moved = 3 - 0.1 * 4;
  EXPECT_NEAR(game.weight("shared/w/weight"), moved, tolerance);
  EXPECT_NEAR(game.weight("averages/a/shared/w/weight"), 0.9 * 3 + 0.1 * moved, tolerance);
  EXPECT_NEAR(game.weight("averages/b/shared/w/weight"), 0.5 * 3 + 0.5 * moved, tolerance);
}

TEST(Share, WantsOneShapeAndNamesBothPlaces) {
  EXPECT_EQ(
      refusal_of(playing("  net: {inputs: {x: [1]}, layers: [dense: {units: 3, share: w}, dense: {units: 1, "
                         "share: w}]}\n",
                         "net(x)", "net")),
      "game.yaml:3:65: networks.net.layers[1]: 'shared/w/weight' is shared and has the shape [3, 1] here, but [1, "
      "3] at game.yaml:3:36");
}

// ── wrappers ───────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(SpectralNorm, EachCallOfAStepRefinesItsEstimate) {
  // A single output: u = ±1 at once, and the weight counts by its sign.
  Game game(playing("  net: {inputs: {x: [1]}, layers: [spectral_norm: {layer: {" + times(-3) + "}}]}\n",
                    "net(x) + net(2 * x)", "net"));
  EXPECT_NEAR(game.step({2}).at("one.loss"), -2 - 4, tolerance);
  EXPECT_NEAR(game.weight("networks/net/spectral_norm_1/weight_u"), 1, tolerance);
  EXPECT_NEAR(game.weight("networks/net/spectral_norm_1/weight"), -3, tolerance);  // y does not depend on its size
}

}  // namespace
}  // namespace duel
