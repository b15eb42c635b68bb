// How networks are wired and called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/check.hpp"
#include "tests/unit/model/game.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string constant_source(double value) { return fmt::format("'normal(1, mean={}, deviation=0)'", value); }

std::string unit_layer(const std::string& more, double start) {
  return fmt::format("dense: {{units: 1, bias: false, kernel_initializer: {{constant: {}}}, {}}}", start, more);
}

// A player that only makes `value` be computed; its own network is called idle.
std::string looking_at(const std::string& networks, const std::string& values, const std::string& metrics) {
  return "networks:\n  " + line_network("idle", 1) + "\n  " + networks + "\nvalues: {" + values +
         "}\n"
         "players: {looker: {updates: idle, optimizer: {sgd: {lr: 0}},\n"
         "  loss: {expression: 'idle(normal(1, mean=1, deviation=0))'}}}\n"
         "data: {batch: 2}\n"
         "train: {steps: 9}\n"
         "metrics: {" +
         metrics + "}\n";
}

std::map<std::string, double> metrics_of(const std::string& yaml) { return Game(yaml).step(); }

TEST(Wiring, BranchesJoinByName) {
  const std::string net = "net: {inputs: {a: [1], b: [1]}, layers: [" + unit_layer("as: left, from: a", 2) + ", " +
                          unit_layer("as: right, from: b", 3) + ", " + unit_layer("as: deep", 10) +
                          ", add: {from: [left, right, deep]}]}";
  const auto values =
      "p: " + constant_source(5) + ", q: " + constant_source(7) + ", y: 'net(p, q)', z: 'net(b=q, a=p)'";
  const auto metrics = metrics_of(looking_at(net, values, "y: mean(y), z: mean(z)"));
  EXPECT_NEAR(metrics.at("y"), 10 + 21 + 210, tolerance);  // `deep` follows the layer before it
  EXPECT_NEAR(metrics.at("z"), 10 + 21 + 210, tolerance);
}

TEST(Wiring, ANetworkHasNamedOutputs) {
  const std::string net = "net: {inputs: {a: [1]}, outputs: [middle], layers: [" + unit_layer("as: middle", 2) + ", " +
                          unit_layer("as: last", 3) + "]}";
  const auto metrics =
      metrics_of(looking_at(net, "x: " + constant_source(1) + ", y: net(x)", "last: mean(y), middle: mean(y.middle)"));
  EXPECT_NEAR(metrics.at("last"), 6, tolerance);
  EXPECT_NEAR(metrics.at("middle"), 2, tolerance);
}

TEST(Wiring, LayersKeepTheirNamesWhenOthersComeBetween) {
  const std::string net = "net: {inputs: {a: [1]}, layers: [" + unit_layer("as: first", 1) + ", " + unit_layer("", 1) +
                          ", relu, " + unit_layer("", 1) + "]}";
  Game game(looking_at(net, "y: net(idle(x)), x: " + constant_source(1), "y: mean(y)"));
  game.step();
  EXPECT_TRUE(game.has_variable("networks/net/first/weight"));
  EXPECT_TRUE(game.has_variable("networks/net/dense_2/weight"));
  EXPECT_TRUE(game.has_variable("networks/net/dense_3/weight"));
}

TEST(Calls, InferenceModeLeavesDropoutOut) {
  const std::string net = "net: {inputs: {a: [1000]}, layers: [dropout: 0.5]}";
  const auto values =
      "x: 'normal(1000, mean=1, deviation=0)', on: net(x), off: 'net(x, mode=inference)', said: 'net(x, mode=train)'";
  const auto metrics = metrics_of(looking_at(net, values,
                                             "off: mean(square(off - 1)), on: mean(square(on - 1)), "
                                             "said: mean(square(said - 1)), other: mean(square(on - said))"));
  EXPECT_EQ(metrics.at("off"), 0);
  EXPECT_NEAR(metrics.at("on"), 1, tolerance) << "every element is 0 or 2";
  EXPECT_NEAR(metrics.at("said"), 1, tolerance);
  EXPECT_NEAR(metrics.at("other"), 2, 0.3) << "each call has a mask of its own";
}

TEST(Calls, ABatchIsAsLargeAsItsSourceSays) {
  const std::string net = "net: {inputs: {a: [1]}, layers: [" + unit_layer("", 2) + "]}";
  const auto values = "x: 'normal(1, mean=1, deviation=0, batch=5)', y: net(x)";
  EXPECT_NEAR(metrics_of(looking_at(net, values, "rows: sum(y) / 2")).at("rows"), 5, tolerance);
}

TEST(Calls, RefuseWhatDoesNotFitAndNameBothShapes) {
  const std::string net = "net: {inputs: {a: [3], b: [1]}, layers: [" + unit_layer("", 2) + "]}";
  const std::string p = "p: normal(3), q: normal(1)";
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: net(q)", "y: mean(y)")), HasSubstr("'b' of net is missing"));
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: 'net(q, q)'", "y: mean(y)")),
              HasSubstr("the input 'a' of net has the shape [3] without the batch; here it is given [1]"));
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: 'net(p, q, q)'", "y: mean(y)")), HasSubstr("takes 2 inputs"));
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: 'net(p, b=q, a=p)'", "y: mean(y)")), HasSubstr("given twice"));
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: 'net(p, c=q)'", "y: mean(y)")), HasSubstr("no input 'c'"));
  EXPECT_THAT(refusal_of(looking_at(net, p + ", y: 'net(p, q, mode=test)'", "y: mean(y)")), HasSubstr("is no mode"));
  EXPECT_THAT(refusal_of(looking_at(net, "p: normal(3), q: 'normal(1, batch=4)', y: 'net(p, q)'", "y: mean(y)")),
              HasSubstr("2 and 4 rows"));
}

// Two losses of two turns: a metric over both takes each operand from the turn whose losses compute it.
TEST(Metrics, TakeEachOperandFromTheTurnThatComputesIt) {
  Game game(
      "data: {train: {dirac: {at: 0}}, batch: 1}\n"
      "networks: {" +
      line_network("net", 1) +
      "}\n"
      "values: {a: net(data.point), b: net(10 * data.point)}\n"
      "players: {walker: {updates: net, optimizer: {sgd: {lr: 1}}, loss: {first: {expression: a}, "
      "second: {expression: b}}}}\n"
      "train: {steps: 9, turns: [walker.first, walker.second]}\n"
      "metrics: {both: mean(a) + mean(b), first: mean(a), second: mean(b)}\n");
  // The weight is 1 in the first turn and 0 in the second.
  const auto metrics = game.step({1});
  EXPECT_NEAR(metrics.at("first"), 1, tolerance);
  EXPECT_NEAR(metrics.at("second"), 0, tolerance);
  EXPECT_NEAR(metrics.at("both"), 1, tolerance);
}

TEST(Metrics, DrawForEachOperand) {
  Game game(
      looking_at("net: {inputs: {a: [2]}, layers: [tanh]}", "x: normal(2)", "m: mean(uniform(1)) - mean(uniform(1))"));
  EXPECT_NE(game.step().at("m"), 0);
}

TEST(Metrics, MustBeNumbers) {
  EXPECT_THAT(refusal_of(looking_at("net: {inputs: {a: [3]}, layers: [tanh]}", "x: normal(3)", "bad: net(x)")),
              HasSubstr("metrics.bad: a metric must be one number, this has the shape [2, 3]; take its mean"));
}

TEST(Samples, HaveTheRowsThatTheyAskForAndTheirOwnNoise) {
  const Game game(looking_at("net: {inputs: {a: [2]}, layers: [flatten]}", "x: normal(2), y: net(x)", "y: mean(y)") +
                  "sample: [{value: y, count: 5, plot: scatter}, {value: x, count: 3, plot: scatter}]\n");
  EXPECT_EQ(game.sample(0).size(), 10u);
  EXPECT_EQ(game.sample(1).size(), 6u);
  EXPECT_EQ(game.sample(0), game.sample(0)) << "a sample of fixed latents repeats";
}

std::string problems_of(const std::string& yaml) {
  const Game game(yaml);
  Problems problems;
  ModelOptions options;
  options.fields = {{"point", {1}, 0}};
  check_experiment(game.experiment(), options, problems);
  std::string text;
  for (const Problem& problem : problems.all()) text += to_string(problem) + "\n";
  return text;
}

TEST(Check, FindsThatAPlayerCannotMoveAnything) {
  const std::string yaml = "networks: {" + line_network("a", 1) + ", " + line_network("b", 1) +
                           "}\n"
                           "values: {y: a(normal(1))}\n"
                           "players: {stuck: {updates: b, optimizer: sgd, loss: {expression: y}}}\n"
                           "data: {batch: 2}\ntrain: {steps: 1}\n";
  EXPECT_EQ(problems_of(yaml),
            "game.yaml:3:11: players.stuck: its losses depend on no weight of the networks that it updates (b)\n");
}

TEST(Check, ReportsEveryLayerThatDoesNotFit) {
  const std::string yaml =
      "networks:\n"
      "  a: {inputs: {x: [6]}, layers: [reshape: [4, 4], relu]}\n"
      "  b: {inputs: {x: [2, 2], y: [3]}, layers: [concat: {from: [x, y]}]}\n"
      "values: {y: a(normal(6))}\n"
      "players: {one: {updates: a, optimizer: sgd, loss: {expression: y}}}\n"
      "data: {batch: 2}\ntrain: {steps: 1}\n";
  const std::string problems = problems_of(yaml);
  EXPECT_THAT(problems, HasSubstr("game.yaml:2:34: networks.a.layers[0]: "));
  EXPECT_THAT(problems, HasSubstr("game.yaml:3:45: networks.b.layers[0]: "));
  EXPECT_THAT(problems, HasSubstr("[4, 4]"));
}

TEST(Check, TablesLayersWithShapesAndParameters) {
  const Game game(looking_at("net: {inputs: {a: [4, 4, 1]}, layers: [flatten, dense: 8, batch_norm, relu]}",
                             "y: 'net(normal([4, 4, 1]))'", "y: mean(y)"));
  const auto rows = layer_table(*game.experiment().find_network("net"), DType::float32);
  std::vector<std::string> names;
  std::vector<int64_t> parameters;
  for (const LayerRow& row : rows) {
    names.push_back(row.name);
    parameters.push_back(row.parameters);
  }
  EXPECT_THAT(names, ElementsAre("flatten_1", "dense_1", "batch_norm_1", "relu_1"));
  EXPECT_THAT(parameters, ElementsAre(0, 16 * 8 + 8, 16, 0));
  EXPECT_EQ(rows[0].output, (Shape{16}));
  EXPECT_EQ(rows[1].output, (Shape{8}));
  EXPECT_GE(rows[1].flops, 2 * 16 * 8);
}

}  // namespace
}  // namespace duel
