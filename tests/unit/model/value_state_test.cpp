// What values remember from one step to the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;

const std::string net_weight = "networks/net/dense_1/weight";

// Two players on networks of one weight; `first` loses the expression `loss`, on data that the test gives.
std::string remembering(const std::string& values, const std::string& loss, const std::string& rest,
                        const std::string& second_loss = "other(data.point)") {
  return "data: {train: {dirac: {at: 0}}, batch: 2}\n"
         "networks:\n  " +
         line_network("net", 1) + "\n  " + line_network("other", 1) + "\n" + "values:\n  y: net(data.point)\n" +
         values +
         "players:\n"
         "  first: {updates: net, optimizer: {sgd: {lr: 0.5}}, loss: {expression: '" +
         loss +
         "'}}\n"
         "  second: {updates: other, optimizer: {sgd: {lr: 0.5}}, loss: {expression: '" +
         second_loss + "'}}\n" + rest;
}

// The metric over so many steps, each on the points 1 and 3 unless given.
std::vector<double> series(Game& game, const std::string& metric, int steps,
                           const std::vector<double>& points = {1, 3}) {
  std::vector<double> values;
  for (int i = 0; i < steps; ++i) values.push_back(game.step(points).at(metric));
  return values;
}

TEST(Previous, LetsAValueDependOnItself) {
  Game game(remembering("  n: previous(n, 10) + 2\n", "y * n", "train: {steps: 9}\nmetrics: {n: n}\n"));
  EXPECT_THAT(series(game, "n", 3), ElementsAre(12, 14, 16));
  EXPECT_EQ(game.weight("states/values/n/previous/value"), 16);
}

TEST(Previous, IsTheSameInAllTurnsOfAStep) {
  for (const std::string turns : {"simultaneous", "[first, second: 3, first]"}) {
    Game game(remembering("  n: previous(n) + 1\n", "y * n", "train: {steps: 9, turns: " + turns + "}\n",
                          "other(data.point) * n"));
    for (int step = 0; step < 3; ++step) {
      game.step({1, 3, 1, 3, 1, 3});
      EXPECT_EQ(game.weight("states/values/n/previous/value"), step + 1) << turns;
    }
  }
}

// The mean of y is 2·w, and each step takes 0.5·2 from w: it is seen before the update of the turn that asks first.
TEST(Previous, SeesTheStepBeforeAsItWasBeforeTheUpdate) {
  Game game(remembering("  m: mean(y)\n  before: previous(m, -7)\n", "y + 0 * before",
                        "train: {steps: 9, turns: [first, second]}\nmetrics: {m: m, before: before}\n"));
  EXPECT_THAT(series(game, "before", 3), ElementsAre(-7, 2, 0));
  Game late(remembering("  m: mean(y)\n  before: previous(m, -7)\n", "y",
                        "train: {steps: 9, turns: [first, second]}\nmetrics: {before: before}\n",
                        "other(data.point) * before"));
  EXPECT_THAT(series(late, "before", 3), ElementsAre(-7, 0, -2)) << "the second turn follows the first one's update";
}

TEST(Previous, IsAConstantToTheLoss) {
  // d/dw of mean(y)·p is 2·p: p is 5 in the first step, then the mean of y before.
  Game game(remembering("  p: previous(mean(y), 5)\n", "y * p", "train: {steps: 9}\n"));
  double w = 1;
  double p = 5;
  for (int step = 0; step < 3; ++step) {
    game.step({1, 3});
    const double mean = 2 * w;
    w -= 0.5 * 2 * p;
    p = mean;
    EXPECT_NEAR(game.weight(net_weight), w, tolerance);
  }
}

TEST(Previous, GoesOnWhereOnlyAMetricLooks) {
  Game game(remembering("  n: previous(n) + 1\n  two: previous(n) + previous(two, 1)\n", "y",
                        "train: {steps: 9, turns: [first, second]}\nmetrics: {n: n, two: two, both: \"n - 2 * "
                        "previous(n) + 100 * previous(two, 3)\"}\n"));
  const auto first = game.step({1, 3});
  EXPECT_EQ(first.at("n"), 1);
  EXPECT_EQ(first.at("two"), 0 + 1);
  EXPECT_EQ(first.at("both"), 1 - 0 + 300);
  const auto second = game.step({1, 3});
  EXPECT_EQ(second.at("n"), 2);
  EXPECT_EQ(second.at("two"), 1 + 1);
  EXPECT_EQ(second.at("both"), 2 - 2 * 1 + 100 * 1);
  EXPECT_EQ(game.step({1, 3}).at("two"), 2 + 2);
}

TEST(Previous, OfAValueThatOnlyItUses) {
  // The step before the one before.
  Game game(remembering("  n: previous(n) + 1\n  old: previous(previous(n, -1), -2)\n", "y * old",
                        "train: {steps: 9}\nmetrics: {old: old}\n"));
  EXPECT_THAT(series(game, "old", 4), ElementsAre(-2, -1, 1, 2));
}

TEST(Previous, TakesAShape) {
  Game game(remembering("  total: 'previous(total, shape=[2, 1]) + data.point'\n", "y + 0 * total",
                        "train: {steps: 9}\nmetrics: {total: mean(total)}\n"));
  game.step({1, 3});
  game.step({10, 20});
  EXPECT_THAT(game.variable("states/values/total/previous/value"), ElementsAre(11, 23));
}

TEST(Previous, StaysInStepsThatDoNotComputeIt) {
  std::string text = remembering("  n: previous(n) + 1\n", "LOSS", "train: {steps: 9}\n");
  const std::string term = "{expression: 'LOSS'}";
  text.replace(text.find(term), term.size(), "[expression: y, expression: {value: y * n, every: 2}]");
  Game game(text);
  for (const double n : {1, 1, 2, 2, 3}) {
    game.step({1, 3});
    EXPECT_EQ(game.weight("states/values/n/previous/value"), n);
  }
}

TEST(Previous, IsReadBySamplesAndNotSet) {
  Game game(remembering("  n: previous(n) + 1\n  shown: n + normal(1, deviation=0)\n", "y * n",
                        "train: {steps: 9}\nsample: {value: shown, count: 3, plot: scatter}\n"));
  game.step({1, 3});
  game.step({1, 3});
  EXPECT_THAT(game.sample(0), ElementsAre(3, 3, 3));
  EXPECT_THAT(game.sample(0), ElementsAre(3, 3, 3));
  EXPECT_EQ(game.weight("states/values/n/previous/value"), 2);
}

TEST(Previous, DoesNotMoveRunningStatistics) {
  std::string text = remembering("  p: previous(mean(normal_net(data.point)))\n", "y * p", "train: {steps: 9}\n");
  const std::string networks = "networks:\n";
  text.insert(text.find(networks) + networks.size(), "  normal_net: {inputs: {x: [1]}, layers: [batch_norm]}\n");
  Game game(text);
  game.step({1, 3});
  EXPECT_EQ(game.weight("networks/normal_net/batch_norm_1/running_mean"), 0);
}

// A discriminator that is sure of the data until the probability is above 0.25: the probability climbs there by 2/20 a
// step and then stays around it. The function and the same written with previous().
TEST(Adaptive, FindsTheProbabilityAtWhichTheSignalTurns) {
  const std::string judge = "  d_real: \"0 * y + select(PROBABILITY > 0.25, -1, 1)\"\n";
  const auto with = [&](const std::string& name) {
    std::string text = judge;
    return text.replace(text.find("PROBABILITY"), 11, name);
  };
  Game by_function(remembering("  p: 'adaptive(mean(sign(d_real)), images=20)'\n" + with("p"), "mean(d_real) + y",
                               "train: {steps: 99, turns: [second, first]}\nmetrics: {p: p}\n"));
  Game by_hand(remembering(
      "  r: mean(sign(d_real))\n  p: 'clip(previous(p) + sign(previous(r, 0.6) - 0.6) * 2 / 20, 0, 1)'\n" + with("p"),
      "mean(d_real) + y", "train: {steps: 99, turns: [second, first]}\nmetrics: {p: p}\n"));
  const auto seen = series(by_function, "p", 9);
  const std::vector<double> expected{0, 0.1, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(seen[i], expected[i], tolerance) << i;
  EXPECT_THAT(series(by_hand, "p", 9), Pointwise(::testing::DoubleNear(tolerance), seen));
}

// Two turns read one store, which the first of them changes.
TEST(Replay, ChangesItsStoreOnceAStep) {
  Game game(remembering("  z: normal(1)\n  old: 'replay(z, 4, probability=1)'\n", "y + mean(old)",
                        "train: {steps: 9, turns: [first, second: 2]}\nmetrics: {old: mean(old), z: mean(z)}\n",
                        "other(data.point) * mean(old)"));
  const std::vector<double> points{1, 3, 1, 3};
  double stored = 0;
  for (int step = 0; step < 2; ++step) stored += game.step(points).at("z") / 2;
  EXPECT_EQ(game.weight("states/values/old/replay/filled"), 4);
  const auto rows = game.variable("states/values/old/replay/rows");
  EXPECT_NEAR((rows[0] + rows[1] + rows[2] + rows[3]) / 4, stored, tolerance);
  const auto third = game.step(points);
  const auto after = game.variable("states/values/old/replay/rows");
  double out = 0;
  int changed = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (rows[i] == after[i]) continue;
    out += rows[i] / 2;
    ++changed;
  }
  EXPECT_EQ(changed, 2);
  EXPECT_NEAR(third.at("old"), out, tolerance);
}

TEST(Previous, SaysWhatItCannotRemember) {
  EXPECT_THAT(refusal_of(remembering("  p: 1 + previous(y)\n", "y * p", "train: {steps: 9}\n"), {1, 3}),
              HasSubstr("game.yaml:7:19: values.p: previous(): 'y' has the shape [2, 1], and one number is remembered; "
                        "take its mean"));
  EXPECT_THAT(
      refusal_of(remembering("  p: 'previous(y, shape=[3, 1])'\n", "y + mean(p)", "train: {steps: 9}\n"), {1, 3}),
      HasSubstr("and [3, 1] is remembered"));
}

TEST(Previous, IsOfWhatTrainingComputes) {
  Game game(remembering("  n: previous(n) + 1\n", "y * n",
                        "train: {steps: 9}\nsample: {value: 'normal(1) * previous(n)', count: 3, plot: scatter}\n"));
  game.step({1, 3});
  const std::string refusal = refusal_of([&] { game.sample(0); }, ExitCode::experiment);
  EXPECT_THAT(refusal, HasSubstr("game.yaml:"));
  EXPECT_THAT(refusal,
              HasSubstr("only what training computes is remembered from step to step; write it under `values:`"));
}

}  // namespace
}  // namespace duel
