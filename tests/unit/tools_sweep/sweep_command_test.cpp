// `duel sweep` as users start it: what it prints, refuses, goes on with and leaves.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/file.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/program/program_path.hpp"

namespace duel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class SweepCommand : public testing::Test {
 protected:
  SweepCommand() {
    folder_.write("grid.yaml", descent_sweep("method: grid\nparameters: {players.one.optimizer.sgd.lr: {values: [0.1, "
                                             "0.4, 0.25]}}\n"));
  }
  ProgramEnd run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "sweep");
    return run_program(arguments, folder_.path());
  }
  DescentFolder folder_;
};

// A generator on a ring, scored at its end.
constexpr const char* scored_experiment =
    "name: scored\nseed: 1\ndata: {train: {ring: {modes: 8, radius: 1, deviation: 0.02, count: 500}}, batch: 32}\n"
    "networks: {g: {inputs: {z: [2]}, layers: [{dense: 2}]}}\n"
    "values: {z: normal(2), fake: g(z)}\n"
    "players: {one: {updates: g, optimizer: {sgd: {lr: 0.1}}, loss: {expression: mean(square(fake))}}}\n"
    "train: {steps: 4}\n"
    "evaluate:\n  - {name: small, real: data.point, fake: fake, count: 100, every: 2, metrics: [fid]}\n";

TEST_F(SweepCommand, TellsEachTrialTheBestAndWhatToDoNext) {
  const ProgramEnd end = run({"grid.yaml", "--out", "s"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output,
              AllOf(HasSubstr("trial 0 complete: w 0.20972  lr 0.1\n"), HasSubstr("3 of 3 trials: 3 complete"),
                    HasSubstr("best: trial 1, w 1.28e-05\n"), HasSubstr("its run: s/trials/0001\n"),
                    HasSubstr("again:   duel train descent.yaml players.one.optimizer.sgd.lr=0.4\n"),
                    HasSubstr("compare: duel compare s --min w\n")));
  EXPECT_EQ(run({"s", "--quiet"}).output, "") << "nothing is left to do";
}

TEST_F(SweepCommand, PrintsJsonForEachTrialOnce) {
  const ProgramEnd end = run({"grid.yaml", "--out", "s", "--json", "--parallel", "2"});
  std::istringstream lines(end.output);
  std::map<int, double> values;
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    if (event.at("event") == "end") {
      EXPECT_EQ(event.at("states"), nlohmann::json({{"complete", 3}}));
      EXPECT_EQ(event.at("best").at("trial"), 1);
      EXPECT_EQ(event.at("best").at("overrides"), nlohmann::json({"players.one.optimizer.sgd.lr=0.4"}));
      continue;
    }
    EXPECT_EQ(event.at("event"), "trial");
    EXPECT_EQ(event.at("state"), "complete");
    EXPECT_EQ(event.at("overrides").size(), 1U);
    values[event.at("trial").get<int>()] = event.at("value").get<double>();
  }
  EXPECT_EQ(values.size(), 3U);
  EXPECT_NEAR(values[0], std::pow(0.8, 7), 1e-9);
}

TEST_F(SweepCommand, PlansWithoutWritingAnything) {
  const ProgramEnd end = run({"grid.yaml", "--dry-run", "--parallel", "2"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, AllOf(HasSubstr("grid: grid search, 3 trials; minimize w\n"),
                                HasSubstr("  trial 1: lr 0.4\n"), HasSubstr("so its 8 steps take about"),
                                HasSubstr("; 3 trainings on 2 workers about"), Not(HasSubstr("at most"))));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "sweeps"));
}

TEST_F(SweepCommand, PlansEvaluationsAndPictures) {
  folder_.write("gan.yaml",
                std::string(scored_experiment) + "sample: {value: fake, count: 8, every: 3, plot: scatter}\n");
  folder_.write("scored.yaml", "experiment: gan.yaml\nmethod: grid\nmetric: fid\nparameters: {seed: {values: [1]}}\n");
  const ProgramEnd end = run({"scored.yaml", "--dry-run"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output,
              MatchesRegex("(.|\n)*ms, 2 evaluations about [^,]* each, 2 pictures about [^,]* each, so its 4 "
                           "steps take about (.|\n)*"));
}

// A value takes the place of what was there: nothing beside it drops that, and no message may advise so.
TEST_F(SweepCommand, TakesAValueInThePlaceOfWhatWasThere) {
  folder_.write("gan.yaml", scored_experiment);
  const auto planned = [&](const std::string& data) {
    folder_.write("data.yaml", "experiment: gan.yaml\nmethod: grid\nmetric: fid\nparameters: {data.train: {values: [" +
                                   data + "]}}\n");
    return run({"data.yaml", "--dry-run"});
  };
  EXPECT_EQ(planned("{gaussian: {mean: 0, deviation: 1}}").code, 0);
  const std::string two = "{gaussian: {mean: 0, deviation: 1}, _delete_: true}";
  const std::string refused =
      "expected a dataset, found a map of several (gaussian, _delete_); keep one: it replaces what was there before\n";
  EXPECT_EQ(planned(two).errors, "data.yaml:4:14: parameters.data.train: with " + two + ": data.train: " + refused);
  EXPECT_EQ(run_program({"check", "gan.yaml", "data.train=" + two}, folder_.path()).errors,
            "override 'data.train=" + two + "': data.train: " + refused);
}

// A worker that cannot open its log.
TEST_F(SweepCommand, SaysThatAWorkerCannotBeStarted) {
  std::filesystem::create_directories(folder_.path() / "s/logs/worker-1.log");
  const ProgramEnd end = run({"grid.yaml", "--out", "s", "--quiet"});
  EXPECT_EQ(end.code, 5);
  EXPECT_EQ(end.errors,
            "worker 1 cannot be started; is the sweep's folder writable, and the program still where it was?\n");
}

TEST_F(SweepCommand, TellsOnOneLineWhatSbatchSays) {
  folder_.write("bin/sbatch", "#!/bin/sh\necho 'no such partition'\necho 'job not sent' >&2\nexit 1\n");
  std::filesystem::permissions(folder_.path() / "bin/sbatch", std::filesystem::perms::owner_all);
  const std::string path = std::getenv("PATH");
  setenv("PATH", ((folder_.path() / "bin").string() + ":" + path).c_str(), 1);
  const ProgramEnd end = run({"grid.yaml", "--out", "s", "--launcher", "slurm"});
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, HasSubstr("sbatch refuses: no such partition; job not sent; the script is "));
}

TEST_F(SweepCommand, ChecksEveryParameterBeforeTheFirstTrial) {
  folder_.write("bad.yaml", descent_sweep("method: grid\nparameters: {players.one.optimizer.sgd.rate: {values: [1]}, "
                                          "networks.g.layers.0.dense.units: {values: [1, 0]}}\n"));
  const ProgramEnd end = run({"bad.yaml"});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors,
              AllOf(HasSubstr("players.one.optimizer.sgd"), HasSubstr("'rate'"), HasSubstr("bad.yaml:4:"),
                    HasSubstr("parameters.networks.g.layers.0.dense.units: with 0: "), Not(HasSubstr("override"))));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "sweeps"));
}

TEST_F(SweepCommand, GoesOnWithMorePointsAndRefusesOthers) {
  folder_.write("random.yaml", descent_sweep("run_cap: 2\nparameters: {players.one.optimizer.sgd.lr: {min: 0.1, max: "
                                             "0.4}}\n"));
  EXPECT_EQ(run({"random.yaml", "--out", "s", "--quiet"}).code, 0);
  const ProgramEnd more = run({"s", "run_cap=4"});
  EXPECT_EQ(more.code, 0) << more.errors;
  EXPECT_THAT(more.output, HasSubstr("4 of 4 trials: 4 complete"));
  const ProgramEnd other = run({"s", "seed=9"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.errors, HasSubstr("the sweep began with other settings (seed: nothing, now 9)"));
  EXPECT_EQ(run({"s", "--quiet"}).code, 0) << "the refused change was kept";
}

TEST_F(SweepCommand, ShowsWhyTrialsFailed) {
  folder_.write("fails.yaml",
                descent_sweep("run_cap: 2\nparameters: {players.one.optimizer.sgd.lr: {distribution: normal, "
                              "mu: 0.1, sigma: 0.01}, seed: {value: 1}}\noverrides: ['data.train={csv: "
                              "points.csv}']\n"));
  folder_.write("points.csv", "x\n1\n");
  const ProgramEnd good = run({"fails.yaml", "--out", "good"});
  EXPECT_EQ(good.code, 0) << good.errors << good.output;
  folder_.write("points.csv", "x\noops\n");
  const ProgramEnd end = run({"good", "run_cap=4"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("trial 2 failed: "));
  EXPECT_THAT(end.output,
              AllOf(HasSubstr("2 complete, 2 failed"), HasSubstr("trial 2 failed: "), HasSubstr("points.csv")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "good/trials/0002")) << "it has no run to be found";
  for (const char* command : {"compare", "list"}) {
    EXPECT_THAT(run_program({command, "."}, folder_.path()).output,
                HasSubstr("/good/trials/0002: failed, without a run: "))
        << command;
  }
  const auto lost = nlohmann::json::parse(run_program({"compare", "good", "--json"}, folder_.path()).output).at("lost");
  ASSERT_EQ(lost.size(), 2U);
  EXPECT_EQ(lost[0].at("trial"), 2);
  EXPECT_EQ(lost[1].at("run"), "good/trials/0003");
}

TEST_F(SweepCommand, KeepsTwoLaunchersApart) {
  folder_.write("long.yaml", descent_sweep("method: grid\noverrides: [train.steps=100000000]\nparameters: "
                                           "{players.one.optimizer.sgd.lr: {values: [0.1]}}\n"));
  Program first({"sweep", "long.yaml", "--out", "s"}, folder_.path());
  while (!std::filesystem::exists(folder_.path() / "s/trials/0000/run.h5") && !first.ends_within(0.01)) {
  }
  const ProgramEnd second = run({"s"});
  EXPECT_EQ(second.code, 6);
  EXPECT_THAT(second.errors, HasSubstr("in use by process"));
  EXPECT_EQ(run({"s", "run_cap=7"}).code, 6);
  std::ifstream kept(folder_.path() / "s/sweep.yaml");
  const std::string text((std::istreambuf_iterator<char>(kept)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text.find("run_cap"), std::string::npos) << "a refused command has changed the sweep";
  first.send(15);
  EXPECT_EQ(first.wait().code, 128 + 15);
}

// Relative paths stay those of the sweep's file, wherever it is started and gone on with.
TEST_F(SweepCommand, ReadsPathsFromTheFolderOfItsFile) {
  folder_.write("in/data/a.csv", "x\n1\n");
  folder_.write("in/data/b.csv", "x\n2\n");
  folder_.write("in/sweep.yaml",
                "experiment: ../descent.yaml\nmetric: {name: w, goal: minimize}\nmethod: grid\n"
                "parameters: {data.train: {values: [{csv: data/a.csv}, {csv: data/b.csv}]}}\n");
  const ProgramEnd first = run({"in/sweep.yaml", "--out", "s"});
  EXPECT_EQ(first.code, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("2 of 2 trials: 2 complete"));
  std::filesystem::remove(folder_.path() / "s/journal");
  std::filesystem::remove_all(folder_.path() / "s/trials");
  const ProgramEnd again = run_program({"sweep", "."}, folder_.path() / "s");
  EXPECT_THAT(again.output, HasSubstr("2 of 2 trials: 2 complete")) << again.errors;
}

// Distributions without ends are checked where their values lie.
TEST_F(SweepCommand, TakesEveryDistribution) {
  folder_.write("all.yaml",
                descent_sweep("run_cap: 2\nparameters:\n"
                              "  players.one.optimizer.sgd.lr: {distribution: log_normal, mu: -5, sigma: 1}\n"
                              "  data.batch: {distribution: q_normal, mu: 10.5, sigma: 1, q: 1}\n"
                              "  train.steps: {distribution: q_log_uniform_values, min: 1, max: 16, q: 4}\n"));
  const ProgramEnd end = run({"all.yaml", "--out", "s"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("2 of 2 trials: 2 complete"));
}

TEST_F(SweepCommand, StartsAnotherWorkerForOneThatWasAskedToStop) {
  folder_.write("long.yaml",
                descent_sweep("method: grid\noverrides: [train.steps=20000, checkpoint.every=20000]\nparameters: "
                              "{players.one.optimizer.sgd.lr: {values: [1.0e-5]}}\n"));
  Program sweep({"sweep", "long.yaml", "--out", "s"}, folder_.path());
  while (!std::filesystem::exists(folder_.path() / "s/trials/0000/run.h5") && !sweep.ends_within(0.01)) {
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "s/agents")) {
    std::ifstream file(entry.path());
    pid_t process = 0;
    if (file >> process) kill(process, SIGTERM);
  }
  const ProgramEnd end = sweep.wait();
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("1 of 1 trials: 1 complete"));
}

// Without a cluster, too, the script is left to be looked at.
TEST_F(SweepCommand, WritesABatchScriptThatSurvivesOddNames) {
  run({"grid.yaml", "name=my sweep\nof 1%", "--out", "a b%", "--launcher", "slurm", "--parallel", "2", "--threads", "3",
       "slurm={time: '01:00:00', cpus: 4, options: [--nice=7]}"});
  std::ifstream file(folder_.path() / "a b%/slurm.sh");
  const std::string script((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_THAT(script, AllOf(HasSubstr("#SBATCH --job-name=duel-my-sweep-of-1-\n"),
                            HasSubstr("/a b%%/logs/slurm-%A_%a.log\"\n"), HasSubstr("#SBATCH --array=1-3%2\n"),
                            HasSubstr("#SBATCH --time=01:00:00\n"), HasSubstr("#SBATCH --cpus-per-task=4\n"),
                            HasSubstr("#SBATCH --nice=7\n"), HasSubstr("--threads 3 --runs 1 &\n")));
  run({"grid.yaml", "--out", "tpe", "method=tpe", "run_cap=9", "--launcher", "slurm", "--parallel", "2"});
  std::ifstream agents(folder_.path() / "tpe/slurm.sh");
  const std::string jobs((std::istreambuf_iterator<char>(agents)), std::istreambuf_iterator<char>());
  EXPECT_THAT(jobs, AllOf(HasSubstr("#SBATCH --array=1-2\n"), HasSubstr("--threads 1 &\n"))) << "they go on";
}

// A sweep whose points are scored by unlike numbers of examples.
TEST_F(SweepCommand, RanksNoScoresThatWereMadeInUnlikeWays) {
  folder_.write("gan.yaml", scored_experiment);
  folder_.write("unlike.yaml",
                "experiment: gan.yaml\nmethod: grid\nmetric: fid\nparameters: {\"evaluate[0].count\": {values: "
                "[100, 50]}, seed: {values: [1, 2]}}\n");
  EXPECT_THAT(run({"unlike.yaml", "--dry-run"}).errors,
              HasSubstr("warning: evaluate[0].count may change how fid is made"));
  const ProgramEnd end = run({"unlike.yaml", "--out", "s"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("warning: evaluate[0].count may change how fid is made"));
  EXPECT_THAT(end.output, AllOf(HasSubstr("4 of 4 trials: 4 complete; no best one, as scores cannot be compared\n"),
                                HasSubstr("fid of trial 2 is not comparable with that of trial 0: n_real: 100, 50"),
                                Not(HasSubstr("best:")), HasSubstr("compare: duel compare s\n")));
  const ProgramEnd learning = run({"unlike.yaml", "--out", "t", "method=tpe", "run_cap=30"});
  EXPECT_EQ(learning.code, 2) << learning.output;
  EXPECT_THAT(learning.errors, HasSubstr("method tpe cannot learn from scores that are made in unlike ways: fid of"));
}

TEST_F(SweepCommand, RefusesAMetricThatSeveralEvaluationsGive) {
  folder_.write("gan.yaml", std::string(scored_experiment) +
                                "  - {name: big, real: data.point, fake: fake, count: 100, metrics: [fid]}\n");
  const std::string rest = "\nmethod: grid\nparameters: {seed: {values: [1]}}\n";
  folder_.write("ambiguous.yaml", "experiment: gan.yaml\nmetric: fid" + rest);
  const ProgramEnd end = run({"ambiguous.yaml", "--dry-run"});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, HasSubstr("ambiguous.yaml:2:9: metric.name: several evaluations give fid; write one of: "
                                    "small.fid, big.fid"));
  folder_.write("clear.yaml", "experiment: gan.yaml\nmetric: big.fid" + rest);
  EXPECT_EQ(run({"clear.yaml", "--dry-run"}).code, 0);
  folder_.write("none.yaml", "experiment: descent.yaml\nmetric: fid" + rest);
  EXPECT_THAT(run({"none.yaml", "--dry-run"}).errors, HasSubstr("a score such as fid needs an `evaluate:` section"));
}

constexpr const char* pruning_sweep =
    "method: grid\noverrides: [train.log_every=100]\n"
    "parameters: {players.one.optimizer.sgd.lr: {values: [0.25, 0.05, 0.4, 1.0e+200]}}\n"
    "early_terminate: {type: hyperband, resource: step, min_iter: 2, eta: 2, brackets: 1}\n";

TEST_F(SweepCommand, TellsWhereAndWhyTrialsEndedBeforeTheirEnd) {
  folder_.write("pruning.yaml", descent_sweep(pruning_sweep));
  const ProgramEnd end = run({"pruning.yaml", "--out", "s"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, AllOf(HasSubstr("trial 1 pruned at step 2: w 0.9  lr 0.05\n"),
                                HasSubstr("trial 3 diverged at step "), HasSubstr(" (step ")));
}

TEST_F(SweepCommand, LeavesNoDoubtWhatBecameOfATrialsRun) {
  folder_.write("pruning.yaml", descent_sweep(pruning_sweep));
  EXPECT_EQ(run({"pruning.yaml", "--out", "s", "--quiet"}).code, 0);
  const ProgramEnd list = run_program({"list", "s"}, folder_.path());
  EXPECT_THAT(list.output, AllOf(HasSubstr("complete  descent"), HasSubstr("pruned    descent"),
                                 HasSubstr("diverged  descent"), Not(HasSubstr("duel resume"))));
  const ProgramEnd compared = run_program({"compare", "s", "--where", "state=pruned"}, folder_.path());
  EXPECT_THAT(compared.output, MatchesRegex("trial +state +step +lr .* run\n1 +pruned +.*s/trials/0001\n"));
  const ProgramEnd by_trial = run_program({"compare", "s", "--group-by", "trial", "--csv"}, folder_.path());
  EXPECT_THAT(by_trial.output, HasSubstr("w,w_standard_error,w_n\r\n0,1,"));
  const ProgramEnd resumed = run_program({"resume", "s/trials/0001"}, folder_.path());
  EXPECT_EQ(resumed.code, 2);
  EXPECT_THAT(resumed.errors, AllOf(HasSubstr("s/trials/0001 is trial 1 of the sweep s, which has it as pruned"),
                                    HasSubstr("duel sweep s;")));
  std::filesystem::copy(folder_.path() / "s/trials/0001", folder_.path() / "alone",
                        std::filesystem::copy_options::recursive);
  EXPECT_EQ(run_program({"resume", "alone", "--quiet"}, folder_.path()).code, 0);
}

TEST_F(SweepCommand, SendsOneBackToTheSweepOfARunThatWasKilled) {
  folder_.write("long.yaml", descent_sweep("method: grid\noverrides: [train.steps=100000000]\nparameters: "
                                           "{players.one.optimizer.sgd.lr: {values: [0.1]}}\n"));
  Program sweep({"sweep", "long.yaml", "--out", "in here"}, folder_.path());
  while (!std::filesystem::exists(folder_.path() / "in here/trials/0000/run.h5") && !sweep.ends_within(0.01)) {
  }
  sweep.send(15);
  EXPECT_THAT(sweep.wait().output, HasSubstr("go on with: duel sweep 'in here'\n"));
  EXPECT_THAT(run_program({"list", "in here"}, folder_.path()).output, HasSubstr("  duel sweep in here\n"));
}

// Another process, such as `duel clean`, holds the lock of a run: other trials go on meanwhile.
TEST_F(SweepCommand, TrainsTheOtherTrialsWhileOneIsInUseElsewhere) {
  folder_.write("long.yaml", descent_sweep("method: grid\nparameters: {train.steps: {values: [100000000, 8, 9]}}\n"));
  Program first({"sweep", "long.yaml", "--out", "s"}, folder_.path());
  while (!std::filesystem::exists(folder_.path() / "s/trials/0000/run.h5") && !first.ends_within(0.01)) {
  }
  first.send(15);
  first.wait();
  const FileLock held(folder_.path() / "s/trials/0000/run.lock");
  const ProgramEnd end = run({"s"});
  EXPECT_EQ(end.code, 6);
  EXPECT_THAT(end.errors, HasSubstr("trials/0000/run.lock: in use by process"));
  EXPECT_THAT(end.output, AllOf(HasSubstr("trial 1 complete"), HasSubstr("trial 2 complete")));
}

TEST_F(SweepCommand, PlansWhatIsLeft) {
  folder_.write("random.yaml", descent_sweep("run_cap: 2\nseeds: [1, 2]\nparameters: {players.one.optimizer.sgd.lr: "
                                             "{min: 0.1, max: 0.4}}\n"));
  EXPECT_EQ(run({"random.yaml", "--out", "s", "--quiet"}).code, 0);
  const ProgramEnd done = run({"s", "--dry-run"});
  EXPECT_THAT(done.output, AllOf(HasSubstr("4 trainings done, 0 left\n"), Not(HasSubstr("  trial 0"))));
  const ProgramEnd more = run({"s", "--dry-run", "run_cap=3"});
  EXPECT_THAT(more.output, AllOf(HasSubstr("4 trainings done, 2 left\n"), HasSubstr("  trial 2: lr 0."),
                                 Not(HasSubstr("  trial 1")), HasSubstr("; 2 trainings on 1 worker about")));
  EXPECT_EQ(run({"s", "--dry-run", "seed=9"}).code, 2);
  EXPECT_THAT(run({"s"}).output, HasSubstr("2 of 2 trials")) << "a plan has changed the sweep";
}

TEST_F(SweepCommand, PlansWhereTheFirstTrialDiverges) {
  folder_.write("diverging.yaml",
                descent_sweep("method: grid\nparameters: {players.one.optimizer.sgd.lr: {values: [1.0e+200, 0.1]}}\n"));
  const ProgramEnd end = run({"diverging.yaml", "--dry-run"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, AllOf(HasSubstr("  trial 1: lr 0.1\n"), HasSubstr("trial 0 diverges at step ")));
}

TEST_F(SweepCommand, NamesTheExperimentThatIsNotThere) {
  folder_.write("moved.yaml",
                "experiment: elsewhere/descent.yaml\nmethod: grid\nmetric: {name: w, goal: minimize}\n"
                "parameters: {seed: {values: [1]}}\n");
  EXPECT_THAT(run({"moved.yaml"}).errors, AllOf(HasSubstr("moved.yaml:1:13: experiment: there is no "),
                                                HasSubstr("elsewhere/descent.yaml; the path is relative to the file")));
}

TEST_F(SweepCommand, PutsNoSweepAmongOtherThings) {
  folder_.write("mine/notes.txt", "");
  const ProgramEnd end = run({"grid.yaml", "--out", "mine"});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, HasSubstr("mine holds other things: notes.txt"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "mine/sweep.yaml"));
}

TEST_F(SweepCommand, SaysWhatIsMeantForTheExperimentAndForSweeps) {
  EXPECT_THAT(run({"grid.yaml", "train.steps=3"}).errors,
              HasSubstr("train: this is of the experiment, not of the sweep; write it below `overrides:`"));
  EXPECT_THAT(run({"grid.yaml", "seeds=3"}).errors, HasSubstr("seeds: the seed 3, or so many seeds?; write [3]"));
  EXPECT_THAT(run({"grid.yaml", "--launcher", "slurm", "slurm={time: \"1:00\\ntouch owned\"}"}).errors,
              HasSubstr("slurm: a setting holds the end of a line"));
  EXPECT_EQ(run({"grid.yaml", "--out", "s", "--quiet"}).code, 0);
  EXPECT_THAT(run_program({"show", "s"}, folder_.path()).errors, HasSubstr("s is a sweep, not a run"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "s/agents")) << "locks of agents that have ended";
}

TEST_F(SweepCommand, NamesTheParameterWhoseValueDoesNotFit) {
  folder_.write("typo.yaml", descent_sweep("method: grid\nparameters:\n  data.bach: {values: [1, 2]}\n"
                                           "  networks.g.layers[0].dense.units: {values: [1, 2]}\n"));
  EXPECT_EQ(run({"typo.yaml", "--dry-run"}).errors,
            "typo.yaml:5:3: parameters.data.bach: with 1: data: unknown key 'bach'; did you mean 'batch'?\n");
  folder_.write("shape.yaml",
                descent_sweep("method: grid\nparameters:\n  data.train.dirac.at: {values: [1, [1, 2]]}\n"));
  EXPECT_THAT(run({"shape.yaml", "--dry-run"}).errors,
              HasSubstr("shape.yaml:5:3: parameters.data.train.dirac.at: with [1, 2]: "));
}

// What a terminal gets until it shows `text`, or 20 s are over.
std::string shown_on_terminal(const std::filesystem::path& folder, const std::string& file, const std::string& text) {
  int terminal = -1;
  const winsize size{24, 120, 0, 0};
  const pid_t process = forkpty(&terminal, nullptr, nullptr, &size);
  if (process == 0) {
    if (chdir(folder.c_str()) == 0) execl(program_path().c_str(), "duel", "sweep", file.c_str(), nullptr);
    _exit(127);
  }
  std::string shown;
  std::array<char, 4096> buffer{};
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < std::chrono::seconds(20) &&
         !std::regex_search(shown, std::regex(text))) {
    const auto size_read = read(terminal, buffer.data(), buffer.size());
    if (size_read <= 0) break;
    shown.append(buffer.data(), static_cast<std::size_t>(size_read));
  }
  kill(process, SIGTERM);
  while (read(terminal, buffer.data(), buffer.size()) > 0) {
  }
  waitpid(process, nullptr, 0);
  close(terminal);
  return shown;
}

TEST_F(SweepCommand, ShowsHowFarTrialsAreThatTrain) {
  folder_.write("long.yaml", descent_sweep("method: grid\noverrides: [train.steps=90000000]\nparameters: "
                                           "{players.one.optimizer.sgd.lr: {values: [1.0e-9]}}\n"));
  const std::string text = "0 +running +[01][.0-9e-]* +[0-9]+/90000000 +[0-9.]+ m?s +lr 1\\.0e-9";
  EXPECT_TRUE(std::regex_search(shown_on_terminal(folder_.path(), "long.yaml", text), std::regex(text)));
}

TEST_F(SweepCommand, NamesWhatDiffersInAnotherSweep) {
  EXPECT_EQ(run({"grid.yaml", "--out", "s", "--quiet"}).code, 0);
  folder_.write("other.yaml", descent_sweep("method: grid\nseeds: [1, 2]\nparameters: {data.batch: {values: [1]}, "
                                            "players.one.optimizer.sgd.lr: {values: [0.1]}}\n"));
  EXPECT_THAT(run({"other.yaml", "--out", "s"}).errors,
              AllOf(HasSubstr("s: the sweep began with other settings ("), HasSubstr("seeds: nothing, now [1, 2]")));
  EXPECT_THAT(run({"s", "seeds=[1, 2]"}).errors, HasSubstr("(seeds: nothing, now [1, 2])"));
  std::string changed = descent_experiment;
  changed.replace(changed.find("steps: 8"), 8, "steps: 9");
  folder_.write("descent.yaml", changed);
  EXPECT_THAT(run({"s"}).errors, HasSubstr("(experiment train.steps: 8, now 9)"));
}

TEST_F(SweepCommand, SaysWhenThereIsNoSweepOrNoSlurm) {
  EXPECT_THAT(run({"."}).errors, HasSubstr("holds no sweep"));
  EXPECT_THAT(run({"descent.yaml"}).errors, HasSubstr("descent.yaml is an experiment, not a sweep"));
  EXPECT_THAT(run_program({"check", "grid.yaml"}, folder_.path()).errors,
              HasSubstr("grid.yaml is a sweep, not an experiment; see what it does: duel sweep grid.yaml --dry-run"));
  const ProgramEnd end = run({"grid.yaml", "--out", "s", "--launcher", "slurm"});
  if (end.code == 0) GTEST_SKIP() << "there is a Slurm here";
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, testing::AnyOf(HasSubstr("there is no sbatch here"), HasSubstr("sbatch refuses")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "s/slurm.sh"));
}

}  // namespace
}  // namespace duel
