// A run that was killed, stopped or damaged ends as the run that was left alone: weights, metrics and samples bit for
// bit, on any number of threads.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <random>

#include "base/file.hpp"
#include "store/checkpoint.hpp"
#include "tests/crash/ring_test.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Crash : public RingTest {
 protected:
  // A run killed when so many checkpoints stood there, and not yet done.
  static void make_killed_run(const std::string& run, std::size_t checkpoints) {
    Program program(runs().train_arguments(run, 1), runs().folder());
    ASSERT_TRUE(runs().wait_for_checkpoints(program, run, checkpoints)) << program.wait().errors;
    program.send(SIGKILL);
    ASSERT_EQ(program.wait().code, -SIGKILL) << "the run was over before it could be killed";
  }
};

int kills_wanted() { return std::getenv("DUEL_TEST_LONG") != nullptr ? 20 : 5; }

TEST_F(Crash, TheThreadsChangeNothing) {
  for (const int threads : {2, 3, 8}) {
    const std::string run = fmt::format("threads-{}", threads);
    SCOPED_TRACE(run);
    const ProgramEnd end = start(runs().train_arguments(run, threads));
    ASSERT_EQ(end.code, 0) << end.errors;
    expect_same_end(runs().path(run), reference());
    EXPECT_EQ(checkpoints_of(runs().path(run)), checkpoints_of(reference()));
  }
}

// Equality would mean nothing if the comparison saw nothing.
TEST_F(Crash, AnotherSeedIsAnotherRun) {
  auto arguments = runs().train_arguments("other-seed", 1);
  arguments.push_back("seed=12");
  ASSERT_EQ(start(arguments).code, 0);
  const auto records = records_of(runs().path("other-seed"));
  const auto wanted = records_of(reference());
  for (const std::string name : {"metric generator.loss", "values of average", "pictures of fake"}) {
    EXPECT_NE(records.at(name), wanted.at(name)) << name;
  }
  EXPECT_EQ(records.at("step"), wanted.at("step"));
  EXPECT_NE(pictures_of(runs().path("other-seed")), pictures_of(reference()));
  EXPECT_NE(checkpoints_of(runs().path("other-seed")), checkpoints_of(reference()));
}

class Killed : public Crash, public ::testing::WithParamInterface<int> {};

TEST_P(Killed, AtRandomMomentsEndsLikeTheRunLeftAlone) {
  std::mt19937 random{20260321};
  int kills = 0;
  for (int round = 0; kills < kills_wanted(); ++round) {
    const std::string run = fmt::format("killed-{}-{}", GetParam(), round);
    SCOPED_TRACE(run);
    // Half of the time that the whole takes, so that most starts are killed before they are done.
    kills += runs().finish_with_kills(run, GetParam(), kills_wanted() - kills, reference_seconds() / 2, random);
    ASSERT_FALSE(HasFailure());
    expect_same_end(runs().path(run), reference());
    EXPECT_EQ(checkpoints_of(runs().path(run)), checkpoints_of(reference())) << "the same checkpoints are kept";
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, Killed, ::testing::Values(1, 2));

struct Stop {
  int signal;
  int code;
};

class Stopped : public Crash, public ::testing::WithParamInterface<Stop> {};

TEST_P(Stopped, SavesAndGoesOnToTheSameEnd) {
  const std::string run = fmt::format("stopped-{}", GetParam().signal);
  Program program(runs().train_arguments(run, 2), runs().folder());
  ASSERT_TRUE(runs().wait_for_checkpoints(program, run, 1)) << program.wait().errors;
  program.send(GetParam().signal);
  const ProgramEnd stopped = program.wait();
  ASSERT_EQ(stopped.code, GetParam().code) << stopped.errors;
  EXPECT_THAT(stopped.output, HasSubstr("duel resume " + run));
  const auto saved = runs().checkpoints(run);
  EXPECT_NE(saved.back(), runs().checkpoints("reference").back()) << "the run was over before it could be stopped";

  const ProgramEnd resumed = start(RingRuns::resume_arguments(run, 1));
  ASSERT_EQ(resumed.code, 0) << resumed.errors;
  expect_same_end(runs().path(run), reference());
}

INSTANTIATE_TEST_SUITE_P(Signals, Stopped, ::testing::Values(Stop{SIGINT, 130}, Stop{SIGTERM, 143}),
                         [](const auto& test) { return test.param.signal == SIGINT ? "Interrupt" : "Terminate"; });

bool holds_temporary(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".tmp") return true;
  }
  return false;
}

// The networks are so large that saving takes a while: the second signal comes while a checkpoint is being written.
TEST_F(Crash, ASecondInterruptEndsASaveAtOnce) {
  const std::string run = "impatient";
  auto arguments = runs().train_arguments(run, 1);
  for (const std::string change : {"networks.generator.layers=[dense: 3000, relu, dense: 3000, relu, dense: 2]",
                                   "data.batch=2", "checkpoint.every=1000"}) {
    arguments.push_back(change);
  }
  Program program(arguments, runs().folder());
  const fs::path folder = runs().path(run) / "checkpoints";
  while (!fs::exists(runs().path(run) / "run.h5")) ASSERT_FALSE(program.ends_within(0.001)) << program.wait().errors;
  program.send(SIGINT);
  while (!holds_temporary(folder)) ASSERT_FALSE(program.ends_within(0.0005)) << "it was saved unseen";
  program.send(SIGINT);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.output, Not(HasSubstr("duel resume"))) << "it has saved";
  EXPECT_TRUE(holds_temporary(folder));
  EXPECT_TRUE(runs().checkpoints(run).empty()) << "what is half written must not bear a checkpoint's name";

  auto resume = RingRuns::resume_arguments(run, 1);
  resume.push_back("train.steps=1");
  const ProgramEnd resumed = start(resume);
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_FALSE(holds_temporary(folder));
  EXPECT_EQ(runs().checkpoints(run).size(), 1u);
}

// A checkpoint knows how far its training was: the schedule of 300 steps is at its end.
TEST_F(Crash, SamplesFollowTheSchedulesOfTheirStep) {
  const auto drawn = [](const std::string& value, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"sample", "reference", "-o", "drawn.png", "--value", value};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramEnd end = start(arguments);
    EXPECT_EQ(end.code, 0) << end.errors;
    return read_text(runs().folder() / "drawn.png");
  };
  EXPECT_EQ(drawn("average + linear(4, 0)"), drawn("average"));
  EXPECT_NE(drawn("average + linear(4, 0)", {"--step", "297"}), drawn("average", {"--step", "297"}));
}

TEST_F(Crash, ResumingACompleteRunChangesNothing) {
  fs::copy(reference(), runs().path("complete"), fs::copy_options::recursive);
  const ProgramEnd end = start(RingRuns::resume_arguments("complete", 1));
  EXPECT_EQ(end.code, 0) << end.errors;
  expect_same_end(runs().path("complete"), reference());
  EXPECT_EQ(checkpoints_of(runs().path("complete")), checkpoints_of(reference()));
}

TEST_F(Crash, ASecondProcessOnTheRunIsRefused) {
  auto arguments = runs().train_arguments("in-use", 1);
  arguments.push_back("train.steps=100000000");
  Program first(arguments, runs().folder());
  ASSERT_TRUE(runs().wait_for_checkpoints(first, "in-use", 1)) << first.wait().errors;
  const ProgramEnd second = start(RingRuns::resume_arguments("in-use", 1));
  EXPECT_EQ(second.code, 6) << second.errors;
  EXPECT_THAT(second.errors, HasSubstr(std::to_string(first.id())));
  EXPECT_FALSE(first.ends_within(0)) << "the first process must not notice";
}

TEST_F(Crash, AFolderThatHoldsARunIsNotOverwritten) {
  const auto before = checkpoints_of(reference());
  const ProgramEnd end = start(runs().train_arguments("reference", 1));
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(end.errors,
            "reference holds a run already; resume it with 'duel resume reference', or choose another folder\n");
  EXPECT_EQ(checkpoints_of(reference()), before);
}

TEST_F(Crash, AReadOnlyFolderIsFoundBeforeTraining) {
  const fs::path locked = runs().path("locked");
  fs::create_directories(locked);
  ASSERT_EQ(chmod(locked.c_str(), 0555), 0);
  for (const std::string run : {"locked", "locked/run"}) {
    const ProgramEnd end = start(runs().train_arguments(run, 1));
    EXPECT_EQ(end.code, 5) << run;
    EXPECT_THAT(end.errors, HasSubstr("locked"));
    EXPECT_THAT(end.errors, HasSubstr("Permission denied"));
    EXPECT_THAT(end.output, Not(HasSubstr("step"))) << "it has trained";
  }
  EXPECT_TRUE(fs::is_empty(locked));
  ASSERT_EQ(chmod(locked.c_str(), 0755), 0);
}

TEST_F(Crash, AReadOnlyRunIsNotResumed) {
  make_killed_run("frozen", 2);
  const fs::path frozen = runs().path("frozen");
  ASSERT_EQ(chmod(frozen.c_str(), 0555), 0);
  const ProgramEnd end = start(RingRuns::resume_arguments("frozen", 1));
  ASSERT_EQ(chmod(frozen.c_str(), 0755), 0);
  EXPECT_EQ(end.code, 5) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("frozen"));
}

// A damage done to a checkpoint.
struct Damage {
  std::string name;
  void (*apply)(std::string& bytes);
};

// Checkpoints of the first duel did not keep what schedules of values need.
TEST_F(Crash, ACheckpointOfAnOlderDuelIsNamed) {
  const std::string run = "older";
  make_killed_run(run, 2);
  CheckpointState state = read_checkpoint(runs().checkpoints(run).back());
  state.numbers.erase("epoch");
  write_checkpoint(runs().path(run) / "checkpoints", state.counter("step"), state);
  const ProgramEnd sampled = start({"sample", run, "-o", "s.png"});
  EXPECT_EQ(sampled.code, 3);
  EXPECT_THAT(sampled.errors, HasSubstr("an older duel wrote it; duel resume older"));
  ASSERT_EQ(start(RingRuns::resume_arguments(run, 1)).code, 0);
  EXPECT_EQ(start({"sample", run, "-o", "s.png"}).code, 0);
}

class Damaged : public Crash, public ::testing::WithParamInterface<Damage> {
 protected:
  static void damage(const fs::path& file) {
    std::string bytes = read_text(file);
    GetParam().apply(bytes);
    std::ofstream(file, std::ios::binary) << bytes;
  }
};

TEST_P(Damaged, CheckpointFallsBackToTheOneBefore) {
  const std::string run = "damaged-" + GetParam().name;
  make_killed_run(run, 3);
  const fs::path newest = runs().checkpoints(run).back();
  damage(newest);
  const ProgramEnd end = start(RingRuns::resume_arguments(run, 1));
  ASSERT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("warning: "));
  EXPECT_THAT(end.errors, HasSubstr(newest.filename().string()));
  expect_same_end(runs().path(run), reference());
}

TEST_P(Damaged, CheckpointsAllOfThemStopTheResume) {
  const std::string run = "ruined-" + GetParam().name;
  make_killed_run(run, 2);
  for (const fs::path& file : runs().checkpoints(run)) damage(file);
  const ProgramEnd end = start(RingRuns::resume_arguments(run, 1));
  EXPECT_EQ(end.code, 3) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr(runs().checkpoints(run).back().filename().string()));
}

INSTANTIATE_TEST_SUITE_P(Ways, Damaged,
                         ::testing::Values(Damage{"flipped", [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; }},
                                           Damage{"truncated",
                                                  [](std::string& bytes) { bytes.resize(bytes.size() / 2); }},
                                           Damage{"empty", [](std::string& bytes) { bytes.clear(); }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace duel
