// A training in phases: what each may say, and what they may not say together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string phased(const std::string& train) {
  return small_experiment(
      "networks: {a: {inputs: {x: [2]}, layers: [dense: 1]}, b: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: a(data.point), z: b(data.point)}\n"
      "players:\n"
      "  first: {updates: a, optimizer: sgd, loss: {left: {expression: y}, right: {expression: y}}}\n"
      "  second: {updates: b, optimizer: sgd, loss: {expression: z}}\n"
      "train: {" +
      train + "}\n");
}

TEST(Phases, FollowEachOther) {
  const Experiment experiment = read_sound(
      phased("phases: [{name: warmup, steps: 500, turns: [first.left], redraw: step}, {steps: 20}], log_every: 3"));
  const auto& phases = experiment.train.phases;
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].name, "warmup");
  EXPECT_EQ(phases[0].steps, 500);
  EXPECT_FALSE(phases[0].redraw_each_turn);
  ASSERT_EQ(phases[0].turns.size(), 1u);
  EXPECT_EQ(phases[0].turns[0].loss, 0u);
  EXPECT_EQ(phases[1].name, "");
  EXPECT_TRUE(phases[1].simultaneous);
  EXPECT_TRUE(phases[1].redraw_each_turn);
  EXPECT_EQ(experiment.train.log_every, 3);
  EXPECT_EQ(experiment.train.steps(), 520);
  EXPECT_FALSE(experiment.train.epochs().has_value());
}

TEST(Phases, MayCountInSeveralUnits) {
  const TrainSpec train = read_sound(phased("phases: [{steps: 5}, {epochs: 1.5}]")).train;
  EXPECT_FALSE(train.steps().has_value());
  EXPECT_FALSE(train.epochs().has_value());
  EXPECT_TRUE(train.counts_epochs());
  EXPECT_EQ(read_sound(phased("phases: [{epochs: 2}, {epochs: 1.5}]")).train.epochs(), 3.5);
  EXPECT_FALSE(read_sound(phased("phases: [{steps: 5}, {epochs: 1.5}]")).checkpoint.every.has_value());
}

TEST(Phases, AreWithoutThemTheTrainingItself) {
  const TrainSpec train = read_sound(phased("steps: 7, turns: [first, second]")).train;
  ASSERT_EQ(train.phases.size(), 1u);
  EXPECT_EQ(train.steps(), 7);
  EXPECT_EQ(train.phases[0].path, "train");
}

TEST(Phases, LeaveNobodyOutOfAllOfThem) {
  EXPECT_EQ(problems_of(phased("phases: [{steps: 5, turns: [first]}, {steps: 5, turns: [second]}]")), "no problem");
  EXPECT_THAT(problems_of(phased("phases: [{steps: 5, turns: [first.left]}, {steps: 5, turns: [second]}]")),
              HasSubstr("train.phases: 'first.right' has no turn in any phase"));
}

TEST(Phases, SayHowLongAndWhoseTurnForTrain) {
  const auto problems =
      problems_of(phased("steps: 3, turns: [first, second], redraw: step, phases: [{steps: 5}, {steps: 2}]"));
  EXPECT_THAT(problems, HasSubstr("train.steps: 'steps' and 'phases' are given together"));
  EXPECT_THAT(problems, HasSubstr("train.turns: 'turns' and 'phases' are given together"));
  EXPECT_THAT(problems, HasSubstr("train.redraw: 'redraw' and 'phases' are given together"));
  EXPECT_THAT(problems, HasSubstr("leave it away: each phase has its own, as train.phases[0].steps"));
}

TEST(Phases, RefuseWhatTheyCannotMean) {
  EXPECT_THAT(problems_of(phased("phases: [{steps: 5, turns: [first, secnd]}, {steps: 5}]")),
              HasSubstr("train.phases[0].turns[1]: no player is called 'secnd'; did you mean 'second'?"));
  EXPECT_THAT(problems_of(phased("phases: [{steps: 5, turns: [first, secnd]}]")), Not(HasSubstr("has no turn")));
  EXPECT_THAT(problems_of(phased("phases: [{steps: 5, epochs: 5}]")),
              HasSubstr("train.phases[0]: both 'steps' and 'epochs' are given"));
  EXPECT_THAT(problems_of(phased("phases: [{turns: simultaneous}]")),
              HasSubstr("train.phases[0]: 'steps' or 'epochs' is missing"));
  EXPECT_THAT(problems_of(phased("phases: [{name: a, steps: 5}, {name: a, steps: 5}]")),
              HasSubstr("train.phases[1]: another phase is called 'a'"));
  EXPECT_THAT(problems_of(phased("phases: [{steps: 5, log_every: 2}]")), HasSubstr("unknown key 'log_every'"));
  EXPECT_THAT(problems_of(phased("phases: []")), HasSubstr("train.phases: expected a list of phases"));
  EXPECT_THAT(problems_of(phased("phases: 500")), HasSubstr("train.phases: expected a list of phases"));
  EXPECT_THAT(problems_of(phased("phases: [500]")), HasSubstr("train.phases[0]: expected a phase"));
}

TEST(Averages, ForgetByADecayOrByAHalfLife) {
  const auto averaged = [](const std::string& average) {
    return small_experiment("averages: {net: {" + average + "}}\n");
  };
  const AverageSpec average = read_sound(averaged("half_life: 10000, rampup: 0.05")).averages.at(0);
  EXPECT_EQ(average.half_life, 10000);
  EXPECT_EQ(average.rampup, 0.05);
  EXPECT_THAT(problems_of(averaged("decay: 0.9, half_life: 100")),
              HasSubstr("averages.net: both 'decay' and 'half_life' are given"));
  EXPECT_THAT(problems_of(averaged("half_life: 0")), HasSubstr("out of range"));
}

TEST(Collapse, IsAnActionOrAMap) {
  const auto collapse = [](const std::string& text) {
    return read_sound(small_experiment("train: {steps: 3" + text + "}\n")).train.on_collapse;
  };
  EXPECT_EQ(collapse("").action, CollapseSpec::Action::warn);
  EXPECT_EQ(collapse(", on_collapse: stop").action, CollapseSpec::Action::stop);
  const CollapseSpec spec = collapse(", on_collapse: {action: rollback, window: 50, gradient: 0.01}");
  EXPECT_EQ(spec.action, CollapseSpec::Action::rollback);
  EXPECT_EQ(spec.window, 50);
  EXPECT_EQ(spec.gradient, 0.01);
  EXPECT_EQ(spec.diversity, 0.1);
  EXPECT_THAT(problems_of(small_experiment("train: {steps: 3, on_collapse: halt}\n")),
              HasSubstr("'halt' is not possible here; one of: off, warn, stop, rollback"));
}

}  // namespace
}  // namespace duel
