// Numbers that follow training: as learning rates, weights of losses, and within expressions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A game whose metric `m` is the expression, at each of so many steps; its data is one point of two numbers, 1 and 5.
std::vector<double> metric_of(const std::string& expression, int steps) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 1}\n"
      "networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: net(data.point)}\n"
      "players: {one: {updates: net, optimizer: sgd, loss: {expression: y}}}\n"
      "metrics: {m: \"" +
          expression +
          "\"}\n"
          "train: {steps: 8}\n",
      {2});
  std::vector<double> values;
  for (int step = 0; step < steps; ++step) values.push_back(game.step({1, 5}).at("m"));
  return values;
}

TEST(Schedules, AreCalledInExpressions) {
  EXPECT_THAT(metric_of("linear(10, 2, 4)", 6), ElementsAre(10, 8, 6, 4, 2, 2));
  EXPECT_THAT(metric_of("mean(data.point) * linear(4, 0)", 3), ElementsAre(12, 10.5, 9));
  EXPECT_THAT(metric_of("piecewise(at=[1, 3], values=[7, 8, 9])", 4), ElementsAre(7, 8, 8, 9));
  EXPECT_THAT(metric_of("warmup(2, then=linear(from=6, to=2, steps=4))", 3),
              ElementsAre(DoubleNear(0, 4), DoubleNear(5, 3), 4));
}

TEST(Schedules, AreArgumentsOfFunctions) {
  EXPECT_THAT(metric_of("mean(normal(1, mean=linear(10, 2, 4), deviation=0))", 6), ElementsAre(10, 8, 6, 4, 2, 2));
  const auto drawn = metric_of("mean(uniform(1, low=linear(0, 4, 4), high=linear(1, 5, 4)))", 6);
  for (std::size_t step = 0; step < drawn.size(); ++step) {
    const double low = std::min(4.0, static_cast<double>(step));
    EXPECT_GE(drawn[step], low);
    EXPECT_LT(drawn[step], low + 1);
  }
  const auto noisy = metric_of("mean(noise(data.point, linear(0.1, 0, 2)))", 4);
  EXPECT_NE(noisy[0], 3);
  EXPECT_NE(noisy[1], 3);
  EXPECT_EQ(noisy[2], 3);
  EXPECT_EQ(noisy[3], 3);
  const std::string first = "sum(one_hot(categorical(1), 2) * ";  // the first of two numbers
  EXPECT_THAT(metric_of(first + "flip(data.point, axis=1, probability=piecewise([2], [0, 1])))", 4),
              ElementsAre(1, 1, 5, 5));
  EXPECT_THAT(metric_of("mean(clip(data.point, linear(2, 4, 2), linear(4, 5, 1)))", 4), ElementsAre(3, 4, 4.5, 4.5));
  EXPECT_THAT(metric_of("abs(mean(normal(1, truncation=linear(1, 0, 2)))) <= linear(1, 0, 2)", 4),
              ElementsAre(1, 1, 1, 1));
}

TEST(Schedules, OfOneExpressionAreOneInput) {
  Game game(
      "data: {batch: 2}\n"
      "networks: {net: {inputs: {x: [1]}, layers: [dense: 1]}}\n"
      "values: {z: \"normal(1, mean=linear(1, 0))\", y: net(z) + net(2 * z)}\n"
      "players: {one: {updates: net, optimizer: sgd, loss: [{expression: y}, {expression: z * y}]}}\n"
      "train: {steps: 8}\n");
  int inputs = 0;
  for (const HostNumber& number : game.graph_of_step(0).numbers) {
    inputs += number.input.starts_with("schedules/") ? 1 : 0;
  }
  EXPECT_EQ(inputs, 1);
}

// Two turns a step: before its turns, the player has done 0, 1, 2, … updates.
TEST(Schedules, OfALossCountTheUpdatesOfItsPlayer) {
  Game game(
      "data: {batch: 1}\n"
      "networks: {" +
      line_network("net", 100) +
      "}\n"
      "values: {y: \"net(normal(1, mean=1, deviation=0))\"}\n"
      "players: {one: {updates: net, optimizer: {sgd: {lr: 1}}, loss: {expression: {value: y, weight:\n"
      "  {piecewise: {at: [1, 2, 3], values: [1, 10, 20, 30], by: update}}}}}}\n"
      "train: {steps: 8, turns: [one: 2]}\n");
  game.step();
  EXPECT_NEAR(game.weight("networks/net/dense_1/weight"), 100 - 1 - 10, 1e-9);
  game.step();
  EXPECT_NEAR(game.weight("networks/net/dense_1/weight"), 100 - 1 - 10 - 20 - 30, 1e-9);
}

TEST(Schedules, OfValuesHaveNoUpdatesToCount) {
  try {
    metric_of("piecewise([1], [0, 1], by=update)", 1);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "game.yaml:5:11: metrics.m: a schedule counts the updates of a player here, where there is none; "
                 "count by: step or by: epoch");
  }
}

TEST(Schedules, TellWhatIsWrongInAnExpression) {
  const auto problem_of = [](const std::string& expression) -> std::string {
    try {
      metric_of(expression, 1);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no problem";
  };
  // The metric begins in column 14.
  EXPECT_THAT(problem_of("mean(noise(data.point, linaer(1, 0)))"),
              HasSubstr("game.yaml:5:38: metrics.m.mean.x.noise.deviation: expected a number or a schedule, found the "
                        "text 'linaer(1, 0)'; did you mean 'linear'?"));
  EXPECT_THAT(problem_of("mean(noise(data.point, linear(1)))"), HasSubstr("linear: 'to' is missing"));
  EXPECT_THAT(problem_of("linear(1, 0, step=4)"),
              HasSubstr("game.yaml:5:28: metrics.m: linear(): unknown argument 'step'; did you mean 'steps'?"));
  EXPECT_THAT(problem_of("linear(1, data.point)"), HasSubstr("expected a number, found the text 'data.point'"));
  EXPECT_THAT(problem_of("mean(uniform(1, low=1, high=0))"), HasSubstr("'low' must be less than 'high'"));
}

}  // namespace
}  // namespace duel
