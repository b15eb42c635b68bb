// duel clean, as a user starts it.
#include <algorithm>

#include "base/file.hpp"
#include "tests/support/program/program_on_runs.hpp"
#include "tests/support/program/terminal.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Clean : public ProgramOnRuns {
 protected:
  // Complete, with checkpoints of the steps 10, 20 and 30; fid was best at 20 by the newest of them.
  fs::path write_complete(const std::string& name, double fid = 70) const {
    fs::path run = write(name, {.checkpoint = false, .fid = fid});
    for (const int64_t step : {10, 20, 30}) {
      CheckpointState state;
      state.counters = {{"step", step}, {"best_step", 20}};
      write_checkpoint(run / "checkpoints", step, state);
    }
    return run;
  }
  Words files(const std::string& name) const {
    Words found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / name)) {
      if (!entry.is_directory()) found.push_back(entry.path().lexically_relative(folder_.path() / name).string());
    }
    std::ranges::sort(found);
    return found;
  }
  bool is_there(const std::string& name) const { return fs::exists(folder_.path() / name); }
};

TEST_F(Clean, KeepsTheNewestCheckpointAndTheBest) {
  write_complete("runs/a");
  EXPECT_THAT(text({"clean", "runs", "--dry-run"}),
              AllOf(HasSubstr("runs/a: checkpoints beside the newest and the best\n  checkpoints/step-000010.h5  "),
                    HasSubstr("would remove 1 file, ")));
  EXPECT_EQ(files("runs/a").size(), 4U) << "nothing is removed";
  EXPECT_THAT(text({"clean", "runs", "--yes"}), HasSubstr("removed 1 file, "));
  EXPECT_THAT(files("runs/a"),
              ElementsAre("checkpoints/step-000020.h5", "checkpoints/step-000030.h5", "run.h5", "run.lock"));
  EXPECT_EQ(text({"clean", "runs", "--yes"}), "nothing to remove\n");
}

TEST_F(Clean, KeepsAsManyAsAskedFor) {
  write_complete("runs/a");
  EXPECT_EQ(text({"clean", "runs", "--keep", "3", "--yes"}), "nothing to remove\n");
  EXPECT_EQ(files("runs/a").size(), 4U);
}

TEST_F(Clean, KeepsTheBestByEachMetricWhereTheRunNamesNone) {
  const fs::path run = write("run", {.record = R"({"metric":"fid","better":"higher"})"});
  for (const int64_t step : {10, 20}) write_checkpoint(run / "checkpoints", step, {});
  text({"clean", "run", "--yes"});
  EXPECT_THAT(files("run"),
              ElementsAre("checkpoints/step-000010.h5", "checkpoints/step-000030.h5", "run.h5", "run.lock"))
      << "fid was highest at 10";
}

TEST_F(Clean, RemovesStoppedRunsWithoutCheckpoints) {
  write("runs/a", {.steps = 12, .checkpoint = false});
  write("runs/b", {.steps = 12});
  folder_.write("runs/a/samples/step-000010.png", "");
  folder_.write("runs/a/samples/moving-step-000010.png", "");
  EXPECT_THAT(text({"clean", "runs", "--yes"}),
              HasSubstr("runs/a (the whole run): stopped before its first checkpoint"));
  EXPECT_FALSE(is_there("runs/a"));
  EXPECT_THAT(files("runs/b"), ElementsAre("checkpoints/step-000012.h5", "run.h5"));
}

TEST_F(Clean, RemovesWhatProcessesLeftBehind) {
  write("run");
  folder_.write("run/checkpoints/.duel-1-0.tmp", "torn");
  folder_.write("run/.duel-1-run.tmp", "torn");
  text({"clean", "run", "--yes"});
  EXPECT_THAT(files("run"), ElementsAre("checkpoints/step-000030.h5", "run.h5", "run.lock"));
}

TEST_F(Clean, LeavesDamagedRunsAndThoseInTrainingAlone) {
  fs::resize_file(write_complete("runs/a") / "run.h5", 1000);
  const FileLock held(write("runs/b", {.steps = 12, .checkpoint = false}) / "run.lock");
  EXPECT_EQ(text({"clean", "runs", "--yes"}),
            "left alone: runs/a: it is damaged\nleft alone: runs/b: it trains\nnothing to remove\n");
}

TEST_F(Clean, LeavesARunWithADamagedNewestCheckpointAlone) {
  const fs::path run = write_complete("run");
  fs::resize_file(run / "checkpoints/step-000030.h5", 100);
  EXPECT_THAT(text({"clean", "run", "--yes"}), AllOf(HasSubstr("step-000030.h5"), HasSubstr("nothing to remove")));
  EXPECT_EQ(files("run").size(), 4U);
}

TEST_F(Clean, RemovesNothingThatIsNoFileOfARun) {
  write("runs/a", {.steps = 12, .checkpoint = false});
  folder_.write("runs/a/notes.txt", "mine");
  write("runs/b", {.steps = 12, .checkpoint = false});
  folder_.write("precious.png", "");
  fs::create_directories(folder_.path() / "runs/b/samples");
  fs::create_symlink(folder_.path() / "precious.png", folder_.path() / "runs/b/samples/step-000001.png");
  EXPECT_EQ(text({"clean", "runs", "--yes"}),
            "left alone: runs/a: it holds what is no file of a run: notes.txt\n"
            "left alone: runs/b: it holds what is no file of a run: step-000001.png\n"
            "nothing to remove\n");
  EXPECT_TRUE(is_there("runs/a/run.h5") && is_there("runs/b/run.h5") && is_there("precious.png"));
}

TEST_F(Clean, RemovesAllRunsButTheBest) {
  write_complete("runs/a", 5);
  write_complete("runs/b", 3);
  write_complete("runs/c", 4);
  write("runs/d", {.evaluations = {}});
  EXPECT_THAT(
      text({"clean", "runs", "--runs", "--keep-best", "2", "--min", "fid", "--yes"}),
      AllOf(HasSubstr("runs/a (the whole run): 3 of 3 by fid"), HasSubstr("left alone: runs/d: it has no fid")));
  EXPECT_FALSE(is_there("runs/a"));
  EXPECT_TRUE(is_there("runs/b/run.h5") && is_there("runs/c/run.h5") && is_there("runs/d/run.h5"));
  text({"clean", "runs", "--runs", "--keep-best", "1", "--max", "fid", "--yes"});
  EXPECT_TRUE(is_there("runs/c/run.h5"));
  EXPECT_FALSE(is_there("runs/b"));
}

TEST_F(Clean, RanksNoUnlikeScores) {
  write("runs/a", {.record = R"({"metric":"fid","n_fake":200,"better":"lower"})"});
  write("runs/b", {.record = R"({"metric":"fid","n_fake":100,"better":"lower"})"});
  EXPECT_THAT(refusal({"clean", "runs", "--runs", "--keep-best", "1", "--min", "fid", "--yes"}),
              HasSubstr("n_fake: 200, 100"));
}

TEST_F(Clean, RemovesNothingWhereItCannotAsk) {
  write_complete("runs/a");
  EXPECT_THAT(refusal({"clean", "runs"}), HasSubstr("say --yes"));
  EXPECT_EQ(files("runs/a").size(), 4U);
}

TEST_F(Clean, WantsToKnowWhichRunsStay) {
  write_complete("runs/a");
  EXPECT_THAT(refusal({"clean", "runs", "--runs"}), HasSubstr("--keep-best N"));
  EXPECT_THAT(refusal({"clean", "runs", "--min", "fid"}), HasSubstr("say --runs too"));
  EXPECT_EQ(refusal({"clean", "runs", "--runs", "--keep-best", "1", "--max", "fidd", "--yes"}),
            "--max: no metric is called 'fidd'; did you mean 'fid'?\n");
}

// ---- at a terminal

TEST_F(Clean, RemovesAfterAYes) {
  write_complete("runs/a");
  ProgramAtTerminal program({"clean", "runs"}, folder_.path());
  EXPECT_THAT(program.read_until("[y/N] "), HasSubstr("remove 1 file, "));
  program.type("y");
  std::string rest;
  EXPECT_EQ(program.wait(rest), 0);
  EXPECT_THAT(rest, HasSubstr("removed 1 file"));
  EXPECT_FALSE(is_there("runs/a/checkpoints/step-000010.h5"));
}

TEST_F(Clean, RemovesNothingAfterAnythingElse) {
  write_complete("runs/a");
  for (const std::string answer : {"", "n", "yeah"}) {
    ProgramAtTerminal program({"clean", "runs"}, folder_.path());
    program.read_until("[y/N] ");
    program.type(answer);
    std::string rest;
    EXPECT_EQ(program.wait(rest), 0);
    EXPECT_THAT(rest, HasSubstr("nothing was removed"));
    EXPECT_EQ(files("runs/a").size(), 4U);
  }
}

TEST_F(Clean, LeavesARunAloneThatIsTakenUpMeanwhile) {
  const fs::path run = write("run", {.steps = 12, .checkpoint = false});
  ProgramAtTerminal program({"clean", "run"}, folder_.path());
  program.read_until("[y/N] ");
  const FileLock held(run / "run.lock");
  program.type("y");
  std::string rest;
  EXPECT_EQ(program.wait(rest), 0);
  EXPECT_THAT(rest, HasSubstr("left alone: run: it is in use now"));
  EXPECT_TRUE(is_there("run/run.h5"));
}

TEST_F(Clean, LeavesARunAloneThatHasChangedMeanwhile) {
  write("run", {.steps = 12, .checkpoint = false});
  ProgramAtTerminal program({"clean", "run"}, folder_.path());
  program.read_until("[y/N] ");
  write_checkpoint(folder_.path() / "run/checkpoints", 12, {});
  program.type("y");
  std::string rest;
  EXPECT_EQ(program.wait(rest), 0);
  EXPECT_THAT(rest, HasSubstr("left alone: run: it has changed meanwhile"));
  EXPECT_TRUE(is_there("run/run.h5") && is_there("run/checkpoints/step-000012.h5"));
}

}  // namespace
}  // namespace duel
