// Turns and names: who plays, and what the names in expressions mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string two_players(const std::string& turns) {
  return small_experiment(
      "networks: {a: {inputs: {x: [2]}, layers: [dense: 1]}, b: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: a(data.point), z: b(data.point)}\n"
      "players:\n"
      "  first: {updates: a, optimizer: sgd, loss: {left: {expression: y}, right: {expression: y}}}\n"
      "  second: {updates: b, optimizer: sgd, loss: {expression: z}}\n"
      "train: {steps: 5, turns: " +
      turns + "}\n");
}

// "player.loss×repeats" of each turn.
std::vector<std::string> turns_of(const std::string& turns) {
  const Experiment experiment = read_sound(two_players(turns));
  EXPECT_FALSE(experiment.train.phases.at(0).simultaneous);
  std::vector<std::string> out;
  for (const TurnSpec& turn : experiment.train.phases.at(0).turns) {
    const PlayerSpec& player = experiment.players[turn.player];
    out.push_back(fmt::format("{}.{}×{}", player.name, player.losses[turn.loss].name, turn.repeats));
  }
  return out;
}

TEST(Turns, AreWrittenInSeveralWays) {
  EXPECT_TRUE(read_sound(two_players("simultaneous")).train.phases.at(0).simultaneous);
  EXPECT_THAT(turns_of("[first, second]"), ElementsAre("first.left×1", "first.right×1", "second.×1"));
  EXPECT_THAT(turns_of("[second: 3, first.right: 2, first.left]"),
              ElementsAre("second.×3", "first.right×2", "first.left×1"));
}

TEST(Turns, RefuseWhatTheyCannotMean) {
  EXPECT_THAT(problems_of(two_players("[first, secnd]")),
              HasSubstr("train.turns[1]: no player is called 'secnd'; did you mean 'second'?"));
  EXPECT_THAT(problems_of(two_players("[first.lft, second]")),
              HasSubstr("train.turns[0]: the player 'first' has no loss 'lft'; did you mean 'left'?"));
  EXPECT_THAT(problems_of(two_players("[first: 0, second]")), HasSubstr("0 is out of range"));
  EXPECT_THAT(problems_of(two_players("[first: 2.5, second]")), HasSubstr("expected an integer"));
  EXPECT_THAT(problems_of(two_players("alternating")), HasSubstr("expected `simultaneous` or a list of turns"));
  EXPECT_THAT(problems_of(two_players("[]")), HasSubstr("expected `simultaneous` or a list of turns"));
  EXPECT_THAT(problems_of(two_players("[[first, second]]")), HasSubstr("expected a turn, found a list"));
}

TEST(Turns, LeaveNobodyOut) {
  EXPECT_THAT(problems_of(two_players("[first]")), HasSubstr("train.turns: 'second' has no turn"));
  EXPECT_THAT(problems_of(two_players("[first.left, second]")), HasSubstr("train.turns: 'first.right' has no turn"));
  // A slip in a name is one problem, not two.
  EXPECT_THAT(problems_of(two_players("[first, secnd]")), ::testing::Not(HasSubstr("has no turn")));
}

std::string with_value(const std::string& expression) {
  return small_experiment("values: {y: net(data.point), v: '" + expression + "'}\n");
}

TEST(Names, OfValuesNetworksAndFunctionsAreKnown) {
  EXPECT_EQ(problems_of(with_value("mean(y) + net(data.point) * 2")), "no problem");
  EXPECT_THAT(problems_of(with_value("yy + 1")), HasSubstr("values.v: no value is called 'yy'; did you mean 'y'?"));
  EXPECT_THAT(problems_of(with_value("nett(y)")),
              HasSubstr("no network or function is called 'nett'; did you mean 'net'?"));
  EXPECT_THAT(problems_of(with_value("mean(yy)")), HasSubstr("no value is called 'yy'")) << "in arguments of functions";
  EXPECT_THAT(problems_of(with_value("net(yy)")), HasSubstr("no value is called 'yy'")) << "in arguments of networks";
  EXPECT_THAT(problems_of(with_value("net + y")), HasSubstr("no value is called 'net'; call it: net(…)"));
  EXPECT_THAT(problems_of(with_value("data + y")), HasSubstr("write data.FIELD, such as data.image"));
}

TEST(Names, InLossesMetricsAndSamplesAreKnown) {
  EXPECT_THAT(problems_of(small_experiment("players: {one: {updates: net, optimizer: sgd, loss: {expression: x}}}")),
              HasSubstr("players.one.loss.expression.value: no value is called 'x'"));
  EXPECT_THAT(problems_of(small_experiment("metrics: {m: mean(x)}")), HasSubstr("metrics.m"));
  EXPECT_THAT(problems_of(small_experiment("sample: {value: x}")),
              HasSubstr("sample[0].value: no value is called 'x'"));
}

TEST(Names, OfAveragesNeedTheirSection) {
  EXPECT_THAT(problems_of(with_value("net.average(data.point)")),
              HasSubstr("write `averages: {net: {decay: 0.999}}` to keep one"));
  EXPECT_EQ(problems_of(small_experiment("averages: {net: {decay: 0.9}}\nvalues: {y: net(data.point), "
                                         "v: net.average(data.point)}\n")),
            "no problem");
}

TEST(Names, AreLettersDigitsAndUnderscores) {
  for (const std::string bad : {"2nd", "a-b", "a.b", "data", "'a b'", "''"}) {
    EXPECT_THAT(problems_of(small_experiment("values: {y: net(data.point), " + bad + ": y}")),
                HasSubstr("cannot be a name"))
        << bad;
  }
  EXPECT_EQ(problems_of(small_experiment("values: {y: net(data.point), _a2: y}")), "no problem");
}

TEST(Names, OfFunctionsAndSchedulesAreNoNetworks) {
  for (const std::string taken : {"mean", "linear"}) {
    const auto problems = problems_of(small_experiment("networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}, " +
                                                       taken + ": {inputs: {x: [2]}, layers: [tanh]}}"));
    EXPECT_THAT(problems, HasSubstr("networks: '" + taken + "' is a function of expressions; choose another name"));
  }
}

TEST(Names, OfUpdatedNetworksPointAtTheirPlace) {
  const auto problems = problems_of(
      "networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: net(normal(2))}\n"
      "data: {batch: 1}\n"
      "players:\n"
      "  one:\n"
      "    updates: [net, nte]\n"
      "    optimizer: sgd\n"
      "    loss: {expression: y}\n"
      "  two:\n"
      "    updates: ent\n"
      "    optimizer: sgd\n"
      "    loss: {expression: y}\n"
      "train: {steps: 1}\n"
      "averages: {nt: {decay: 0.5}}\n");
  EXPECT_EQ(problems,
            "e.yaml:6:20: players.one.updates: no network is called 'nte'; did you mean 'net'?\n"
            "e.yaml:10:14: players.two.updates: no network is called 'ent'; did you mean 'net'?\n"
            "e.yaml:14:12: averages: no network is called 'nt'; did you mean 'net'?");
}

TEST(Values, MayBeUsedBeforeTheyAreDefined) {
  EXPECT_EQ(problems_of(small_experiment("values: {v: 2 * y, y: net(data.point)}")), "no problem");
}

TEST(Values, MustNotNeedThemselves) {
  EXPECT_THAT(problems_of(with_value("v + 1")), HasSubstr("values.v: the value depends on itself: v → v"));
  const auto problems = problems_of(small_experiment("values: {y: net(data.point), a: mean(b), b: 2 * c, c: net(a)}"));
  EXPECT_THAT(problems, HasSubstr("values.a: the value depends on itself: a → b → c → a"));
  EXPECT_THAT(problems, ::testing::Not(HasSubstr("values.b: the value"))) << "a cycle is told once";
}

TEST(Values, ThatNeedDataNeedASource) {
  EXPECT_THAT(problems_of(small_experiment("data: {batch: 8}")),
              HasSubstr("values.y: the experiment has no data; add a `data: {train: …}` section"));
  EXPECT_THAT(problems_of(small_experiment("data: {train: {gausian: 3}, batch: 8}")),
              ::testing::Not(HasSubstr("the experiment has no data")))
      << "a source that could not be read is there";
}

}  // namespace
}  // namespace duel
