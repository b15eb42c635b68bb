// Sweeps on the disk and their agents: what is claimed by whom, what counts, what may change.
#include "sweep/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/register.hpp"
#include "sweep/agent.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/refusal.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using State = SweepRun::State;

class Listener final : public AgentListener {
 public:
  void began(const std::string& run, const std::vector<std::string>&) override {
    begun.push_back(run);
    if (on_begin) on_begin();
  }
  void warned(const std::string&, const std::string&) override {}
  void ended(const std::string& run, const SweepRun& result) override {
    ends.push_back(fmt::format("{} {}", run, to_string(result.state)));
  }
  std::vector<std::string> begun, ends;
  std::function<void()> on_begin;
};

class SweepFolder : public testing::Test {
 protected:
  static const Registry& registry() { return filled_registry<register_plugins>(); }
  Document document(const std::string& more, const std::vector<std::string>& overrides = {}) const {
    return load_document(folder_.write("sweep.yaml", descent_sweep(more)), overrides);
  }
  Sweep open(const std::string& more) const {
    const Document read = document(more);
    return Sweep::create(folder_.path() / "s", read, read_sweep(read, registry()));
  }
  AgentEnd work(Sweep& sweep, const std::string& name = "one", std::optional<int64_t> most = std::nullopt) {
    AgentOptions options;
    options.name = name;
    options.session.threads = 1;
    options.most_runs = most;
    return run_agent(sweep, registry(), options, stop_, listener_);
  }
  static std::vector<double> values_of(const Sweep& sweep) {
    std::vector<double> out;
    for (const Trial& trial : sweep.state().trials()) out.push_back(result_of(trial).value.value_or(NAN));
    return out;
  }

  DescentFolder folder_;
  std::atomic<bool> stop_{false};
  Listener listener_;
};

constexpr const char* grid = "method: grid\nparameters: {players.one.optimizer.sgd.lr: {values: [0.1, 0.4, 0.25]}}\n";

TEST_F(SweepFolder, OfAGridTrainsEveryPointAndFindsTheBest) {
  Sweep sweep = open(grid);
  EXPECT_EQ(work(sweep), AgentEnd::nothing_left);
  EXPECT_THAT(listener_.ends, ElementsAre("0000 complete", "0001 complete", "0002 complete"));
  const auto values = values_of(sweep);
  // The metric of a step is computed before its update: 7 updates.
  EXPECT_THAT(values,
              ElementsAre(testing::DoubleNear(std::pow(0.8, 7), 1e-9), testing::DoubleNear(std::pow(0.2, 7), 1e-9),
                          testing::DoubleNear(std::pow(0.5, 7), 1e-9)));
  EXPECT_TRUE(sweep.state().is_over());
  EXPECT_EQ(sweep.state().best()->number, 1);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "s/sweep.h5"));
}

TEST_F(SweepFolder, TrainsEveryPointOnceASeedAndTellsTheirSpread) {
  Sweep sweep = open("method: grid\nseeds: [3, 5]\nparameters: {players.one.optimizer.sgd.lr: {values: [0.1]}}\n");
  work(sweep);
  EXPECT_THAT(listener_.begun, ElementsAre("0000-s3", "0000-s5"));
  const TrialResult result = result_of(sweep.state().trials().front());
  EXPECT_NEAR(*result.value, std::pow(0.8, 7), 1e-9);
  EXPECT_EQ(result.standard_error, 0);
}

TEST(TrialResult, IsTheMeanOfItsSeedsWithItsStandardError) {
  Trial trial{0, {}, std::vector<SweepRun>(3)};
  for (const double value : {1.0, 2.0, 6.0}) {
    SweepRun& run = trial.runs.at(value == 1 ? 0 : value == 2 ? 1 : 2);
    run.state = State::complete;
    run.value = value;
  }
  EXPECT_EQ(result_of(trial).value, 3.0);
  EXPECT_NEAR(*result_of(trial).standard_error, std::sqrt(7.0 / 3), 1e-12);
  trial.runs[2].value.reset();
  EXPECT_EQ(result_of(trial).value, std::nullopt) << "a seed broke down";
  trial.runs[1].state = State::running;
  EXPECT_EQ(result_of(trial).state, State::running);
  trial.runs[0].state = State::diverged;
  EXPECT_EQ(result_of(trial).state, State::diverged);
}

TEST_F(SweepFolder, IsSharedByAgentsThatNeverTakeTheSameRun) {
  Sweep first = open(grid);
  Sweep second = Sweep::open(folder_.path() / "s", registry());
  const FileLock alive = first.agent_lock("a");
  const auto one = first.claim("a");
  const auto two = second.claim("b");
  EXPECT_EQ(one->place.trial, 0);
  EXPECT_EQ(two->place.trial, 1);
}

TEST_F(SweepFolder, TakesOverTheRunsOfTheDead) {
  Sweep sweep = open(grid);
  {
    const FileLock alive = sweep.agent_lock("dead");
    EXPECT_EQ(sweep.claim("dead")->place.trial, 0);
    EXPECT_EQ(sweep.claim("other")->place.trial, 1) << "it is alive";
  }
  EXPECT_EQ(sweep.claim("third")->place.trial, 0);
}

TEST_F(SweepFolder, GoesOnWithARunThatWasStopped) {
  Sweep sweep = open(grid);
  listener_.on_begin = [&] { stop_ = listener_.begun.size() == 2; };
  EXPECT_EQ(work(sweep), AgentEnd::stopped);
  EXPECT_EQ(sweep.state().run({1, 0}).state, State::waiting);
  listener_.on_begin = nullptr;
  stop_ = false;
  EXPECT_EQ(work(sweep, "two"), AgentEnd::nothing_left);
  EXPECT_NEAR(values_of(sweep)[1], std::pow(0.2, 7), 1e-9);
}

TEST_F(SweepFolder, GivesUpARunWhoseProcessDiesThreeTimes) {
  Sweep sweep = open(grid);
  for (int death = 1; death <= 3; ++death) {
    const auto next = sweep.claim("agent");
    ASSERT_EQ(next->place.trial, 0) << death;
    sweep.died("agent", "signal 9");
  }
  EXPECT_EQ(sweep.state().run({0, 0}).state, State::failed);
  EXPECT_THAT(sweep.state().run({0, 0}).message, HasSubstr("died 3 times"));
  EXPECT_EQ(sweep.claim("agent")->place.trial, 1);
}

TEST_F(SweepFolder, GoesOnAfterTrialsThatDivergeOrCannotBeTrained) {
  Sweep sweep = open("method: grid\nparameters: {players.one.optimizer.sgd.lr: {values: [1e200, 0.25, text]}}\n");
  work(sweep);
  EXPECT_THAT(listener_.ends, ElementsAre("0000 diverged", "0001 complete", "0002 failed"));
  EXPECT_THAT(sweep.state().run({2, 0}).message, HasSubstr("lr"));
  EXPECT_EQ(sweep.state().best()->number, 1);
}

TEST_F(SweepFolder, EndsTrialsEarly) {
  Sweep sweep = open(
      "method: grid\nparameters: {players.one.optimizer.sgd.lr: {values: [0.25, 0.05, 0.1, 0.4]}}\n"
      "early_terminate: {type: hyperband, resource: step, min_iter: 2, eta: 2, brackets: 1}\n");
  work(sweep);
  // Worse than the half that came so far: pruned at the first comparison.
  EXPECT_THAT(listener_.ends, ElementsAre("0000 complete", "0001 pruned", "0002 pruned", "0003 complete"));
  EXPECT_EQ(sweep.state().run({1, 0}).step, 2);
  EXPECT_EQ(sweep.state().best()->number, 3);
}

// The agent died between the comparison and the end of the run.
TEST_F(SweepFolder, EndsARunWhoseAgentDiedAfterTheComparison) {
  const std::string rule = "early_terminate: {type: median, resource: step, min_iter: 2, min_trials: 1}\n";
  Sweep sweep = open(grid + rule);
  work(sweep, "one", 1);
  const auto next = sweep.claim("two");
  listener_.on_begin = [&] { stop_ = true; };  // makes a run folder
  sweep.died("two", "signal 9");
  work(sweep, "three");
  stop_ = false;
  listener_.on_begin = nullptr;
  ASSERT_EQ(sweep.claim("four")->place, next->place);
  EXPECT_TRUE(sweep.report(next->place, 2, 1e9, std::nullopt, 5));
  work(sweep, "five", 1);
  EXPECT_EQ(sweep.state().run(next->place).state, State::pruned);
  EXPECT_EQ(sweep.state().run(next->place).step, 5) << "it is trained to where the comparison was";
}

TEST_F(SweepFolder, MayBeGivenMorePointsAndNothingElse) {
  const std::string random = "method: random\nparameters: {players.one.optimizer.sgd.lr: {min: 0.1, max: 0.4}}\n";
  {
    Sweep sweep = open(random + "run_cap: 2\n");
    work(sweep);
  }
  const std::vector<std::string> overrides{"run_cap=3", "parallel=2"};
  const Document more = load_document(folder_.path() / "s/sweep.yaml", overrides);
  Sweep sweep = Sweep::create(folder_.path() / "s", more, read_sweep(more, registry()));
  EXPECT_EQ(sweep.definition().trials(), 3);
  work(sweep);
  EXPECT_EQ(sweep.state().trials().size(), 3U);
  EXPECT_EQ(Sweep::open(folder_.path() / "s", registry()).definition().trials(), 3) << "it is kept";

  EXPECT_THAT(
      refusal_of([&] { open("run_cap: 2\nmethod: random\nseed: 1\nparameters: {train.steps: {values: [4]}}\n"); },
                 ExitCode::experiment),
      HasSubstr("began with other settings (parameters."));
  folder_.write("descent.yaml", std::string(descent_experiment) + "description: another\n");
  EXPECT_THAT(refusal_of([&] { Sweep::open(folder_.path() / "s", registry()); }, ExitCode::experiment),
              HasSubstr("(experiment description: nothing, now another)"));
}

TEST_F(SweepFolder, TrainsNoTrialOfAnExperimentThatHasChangedMeanwhile) {
  Sweep sweep = open(grid);
  listener_.on_begin = [&] {
    folder_.write("descent.yaml", std::string(descent_experiment) + "description: another\n");
  };
  EXPECT_THAT(refusal_of([&] { work(sweep); }, ExitCode::experiment),
              HasSubstr("(experiment description: nothing, now another)"));
  EXPECT_THAT(listener_.ends, ElementsAre("0000 complete"));
  EXPECT_EQ(sweep.state().trials().size(), 1U) << "none is taken";
  folder_.write("descent.yaml", descent_experiment);
  listener_.on_begin = {};
  EXPECT_EQ(work(sweep, "two"), AgentEnd::nothing_left) << "it goes on once the experiment is what it was";
  EXPECT_EQ(sweep.state().trials().size(), 3U);
}

TEST_F(SweepFolder, CanBeMovedWithItsExperiment) {
  {
    Sweep sweep = open(grid);
    work(sweep, "one", 1);
  }
  std::filesystem::create_directories(folder_.path() / "away");
  std::filesystem::rename(folder_.path() / "s", folder_.path() / "away/s");
  std::filesystem::rename(folder_.path() / "descent.yaml", folder_.path() / "away/descent.yaml");
  Sweep sweep = Sweep::open(folder_.path() / "away/s", registry());
  EXPECT_EQ(work(sweep), AgentEnd::nothing_left);
  EXPECT_EQ(sweep.state().trials().size(), 3U);
}

// ---- the file

class SweepFile : public SweepFolder {
 protected:
  std::string refusal_of_file(const std::string& more) const {
    return refusal_of([&] { read_sweep(document(more), registry()); }, ExitCode::experiment);
  }
};

TEST_F(SweepFile, RefusesEmptyListsReversedBoundsAndLongerTrainings) {
  EXPECT_THAT(refusal_of_file("method: grid\nparameters: {a: {values: []}}\n"), HasSubstr("the list has no values"));
  const std::string reversed = refusal_of_file("run_cap: 1\nparameters: {a: {min: 3, max: 1}}\n");
  EXPECT_THAT(reversed, HasSubstr("`min` is greater than `max`"));
  EXPECT_THAT(reversed, testing::Not(HasSubstr("multiple of `q`")));
  EXPECT_THAT(refusal_of_file("run_cap: 1\nparameters: {a: {min: 1, max: 3}}\n"
                              "early_terminate: {type: hyperband, resource: step, max_iter: 100}\n"),
              HasSubstr("max_iter is greater than a training, which has 8 steps"));
}

constexpr const char* space = "parameters: {players.one.optimizer.sgd.lr: {min: 0.1, max: 0.4}}\n";

TEST_F(SweepFile, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal_of_file("parameters: {a: {min: 1}}\nrun_cap: 3\n"), HasSubstr("`max` is missing"));
  EXPECT_THAT(refusal_of_file(space), HasSubstr("`run_cap` is missing"));
  EXPECT_THAT(refusal_of_file(std::string("method: grid\n") + space),
              HasSubstr("a grid cannot try every value of players"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\nseeds: [1, 1]\n") + space),
              HasSubstr("the seed 1 stands here twice"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\ntpe: {candidates: 3}\n") + space), HasSubstr("method tpe"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\nearly_terminate: {type: median, eta: 3}\n") + space),
              HasSubstr("median has no 'eta'"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\nearly_terminate: hyperband\n") + space),
              HasSubstr("is recorded in training, not by an evaluation; write resource: step"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\nearly_terminate: {type: hyperband, resource: epoch}\n") + space),
              HasSubstr("write max_iter"));
  EXPECT_THAT(refusal_of_file(std::string("run_cap: 3\nmethodd: tpe\n") + space), HasSubstr("did you mean 'method'?"));
}

TEST_F(SweepFile, NamesAMetricThatIsThereWithItsSide) {
  folder_.write("sweep.yaml", std::string("experiment: descent.yaml\nmetric: v\nrun_cap: 3\n") + space);
  const auto read = [&] { read_sweep(load_document(folder_.path() / "sweep.yaml"), registry()); };
  EXPECT_THAT(refusal_of(read, ExitCode::experiment), HasSubstr("no metric is called 'v'"));
  folder_.write("sweep.yaml", std::string("experiment: descent.yaml\nmetric: w\nrun_cap: 3\n") + space);
  EXPECT_THAT(refusal_of(read, ExitCode::experiment), HasSubstr("which side of w is better is not known"));
}

TEST_F(SweepFile, IsCheckedAtTheEndsOfEveryParameter) {
  const auto check = [&](const std::string& more) {
    return refusal_of([&] { check_sweep(read_sweep(document(more), registry()), registry()); }, ExitCode::experiment);
  };
  EXPECT_EQ(check(std::string("run_cap: 3\n") + space), "accepted");
  EXPECT_THAT(check("method: grid\nparameters: {networks.g.layers.0.dense.units: {values: [1, 0]}}\n"),
              HasSubstr("parameters.networks.g.layers.0.dense.units: with 0: "));
  EXPECT_THAT(check("run_cap: 3\nparameters: {players.one.optimizer.sgd.rate: {min: 0.1, max: 0.4}}\n"),
              HasSubstr("'rate'"));
}

}  // namespace
}  // namespace duel
