#include "runs/run_entry.hpp"

#include <gmock/gmock.h>
#include <hdf5.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.hpp"
#include "evaluate/stored_score.hpp"
#include "store/evaluation_file.hpp"
#include "store/journal.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/written_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A process that holds the lock until it is killed.
class LockHolder {
 public:
  explicit LockHolder(const fs::path& lock) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    child_ = fork();
    if (child_ == 0) {
      const FileLock held(lock);
      const bool told = write(ready[1], "x", 1) == 1;
      if (told) pause();  // until it is killed
      _exit(1);
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~LockHolder() { release(); }
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;
  void release() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  pid_t child_ = -1;
};

class ReadRunEntry : public testing::Test {
 protected:
  fs::path write(const WrittenRun& run = {}) { return write_run(folder_.path() / "run", run); }
  static std::vector<std::string> files_in(const fs::path& where) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(where)) names.push_back(entry.path().string());
    std::ranges::sort(names);
    return names;
  }
  TemporaryFolder folder_;
};

TEST_F(ReadRunEntry, KnowsACompleteRun) {
  const RunEntry entry = read_run_entry(write());
  EXPECT_EQ(entry.state, RunState::complete);
  EXPECT_EQ(entry.problem, "");
  EXPECT_EQ(entry.name, "small");
  EXPECT_EQ(entry.step, 30);
  EXPECT_EQ(entry.total_steps, 30);
  EXPECT_EQ(entry.seconds, 15);
  EXPECT_EQ(entry.records.metrics.at("loss").size(), 30U);
  EXPECT_EQ(entry.records.evaluations.at("quality").metrics.at("fid").back().value, 70);
  EXPECT_THAT(entry.parameters, ElementsAre(RunParameter{"name", "small", ""}, RunParameter{"seed", "3", ""},
                                            RunParameter{"train.steps", "30", ""}));
}

TEST_F(ReadRunEntry, KeepsACompleteRunCompleteWithoutItsCheckpoints) {
  fs::remove_all(write() / "checkpoints");
  EXPECT_EQ(read_run_entry(folder_.path() / "run").state, RunState::complete);
}

TEST_F(ReadRunEntry, KnowsOneThatWasKilledBeforeItsLastCheckpoint) {
  write({.checkpoint = false});
  write_checkpoint(folder_.path() / "run/checkpoints", 20, {});
  EXPECT_EQ(read_run_entry(folder_.path() / "run").state, RunState::stopped);
}

TEST_F(ReadRunEntry, KnowsAStoppedRun) {
  const RunEntry entry = read_run_entry(write({.steps = 12}));
  EXPECT_EQ(entry.state, RunState::stopped);
  EXPECT_EQ(entry.step, 12);
  EXPECT_EQ(entry.total_steps, 30);
}

TEST_F(ReadRunEntry, KnowsARunThatHasNotTakenAStep) {
  const RunEntry entry = read_run_entry(write({.steps = 0}));
  EXPECT_EQ(entry.state, RunState::stopped);
  EXPECT_EQ(entry.step, 0);
}

TEST_F(ReadRunEntry, KnowsARunningOneByItsLockAndLeavesItTheLock) {
  const fs::path run = write({.steps = 12});
  LockHolder holder(run / "run.lock");
  EXPECT_EQ(read_run_entry(run).state, RunState::running);
  EXPECT_EQ(read_run_entry(run).state, RunState::running) << "looking does not take the lock";
  holder.release();
  EXPECT_EQ(read_run_entry(run).state, RunState::stopped) << "the lock's file stays, and says nothing";
}

TEST_F(ReadRunEntry, CreatesNothing) {
  const fs::path run = write({.steps = 12});
  const auto before = files_in(run);
  read_run_entry(run);
  EXPECT_EQ(files_in(run), before);
}

TEST_F(ReadRunEntry, KeepsNoTrainingFromItsLock) {
  const fs::path run = write({.steps = 12});
  { const FileLock made(run / "run.lock"); }
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) is_locked(run / "run.lock");
  });
  for (int i = 0; i < 200; ++i) EXPECT_EQ(refusal_of([&] { const FileLock lock(run / "run.lock"); }), "accepted");
  done = true;
  reader.join();
}

TEST_F(ReadRunEntry, KnowsAnEndByUntil) {
  const std::string resolved = "name: small\ntrain: {steps: 30, until: {fid: 80}}\n";
  const RunEntry entry = read_run_entry(write({.resolved = resolved, .steps = 20, .texts = {{"end", "fid is 80"}}}));
  EXPECT_EQ(entry.state, RunState::complete);
  EXPECT_EQ(entry.step, 20);
  EXPECT_EQ(entry.total_steps, 30);
}

TEST_F(ReadRunEntry, TakesNoOldEndForTheNewOne) {
  const std::string resolved = "name: small\ntrain: {steps: 30, early_stop: fid}\n";
  const fs::path run = write({.resolved = resolved, .steps = 25, .checkpoint = false});
  CheckpointState state;
  state.counters["step"] = 20;
  state.texts["end"] = "fid has not bettered";
  write_checkpoint(run / "checkpoints", 20, state);
  EXPECT_EQ(read_run_entry(run).state, RunState::stopped) << "resumed with overrides, it has gone on since";
}

TEST_F(ReadRunEntry, SaysWhatIsWrongWithCheckpointsThatItHasToRead) {
  const std::string resolved = "name: small\ntrain: {steps: 30, until: {fid: 80}}\n";
  const fs::path run = write({.resolved = resolved, .steps = 20});
  fs::resize_file(checkpoint_path(run / "checkpoints", 20), 100);
  const RunEntry entry = read_run_entry(run);
  EXPECT_EQ(entry.state, RunState::stopped);
  EXPECT_THAT(entry.problem, HasSubstr("step-000020.h5"));
}

TEST_F(ReadRunEntry, ReadsRunsOfEarlierFormats) {
  const WrittenRun early{.resolved = "name: small\ntrain: {epochs: 2}\n", .provenance = {}, .evaluations = {}};
  const fs::path run = write(early);
  const hid_t file = H5Fopen((run / "run.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  ASSERT_GE(H5Ldelete(file, "evaluations", H5P_DEFAULT), 0);
  H5Fclose(file);
  const RunEntry entry = read_run_entry(run);
  EXPECT_EQ(entry.state, RunState::complete);
  EXPECT_EQ(entry.total_steps, 30) << "its checkpoint knows";
  EXPECT_THAT(entry.records.evaluations, IsEmpty());
}

TEST_F(ReadRunEntry, HasNoTotalOfAnEarlyRunThatNothingTells) {
  const RunEntry entry =
      read_run_entry(write({.resolved = "train: {epochs: 2}\n", .provenance = {}, .checkpoint = false}));
  EXPECT_EQ(entry.state, RunState::stopped);
  EXPECT_EQ(entry.total_steps, std::nullopt);
}

TEST_F(ReadRunEntry, GivesTheOriginsThatTheRunKeeps) {
  const RunEntry entry =
      read_run_entry(write({.origins = R"({"seed":"override 'seed=3'","train.steps":"gan.yaml:7","name":5})"}));
  EXPECT_THAT(entry.parameters,
              ElementsAre(RunParameter{"name", "small", ""}, RunParameter{"seed", "3", "override 'seed=3'"},
                          RunParameter{"train.steps", "30", "gan.yaml:7"}));
}

TEST_F(ReadRunEntry, ReadsLaterEvaluationsInTheirOrder) {
  const fs::path run = write();
  fs::create_directories(run / "evaluations");
  const auto file = [&](const std::string& name, const std::string& written, double value) {
    write_evaluation(run / "evaluations" / name, {"quality", 30, written, {{"fid", {value, {}, {}, "{}"}}}});
  };
  file("quality-step-000030-2.h5", "20261122-031501", 2);
  file("quality-step-000030.h5", "20261122-031500", 1);
  folder_.write("run/evaluations/torn.h5", "no evaluation");
  const RunEntry entry = read_run_entry(run);
  ASSERT_EQ(entry.later.size(), 2U);
  EXPECT_EQ(entry.later[0].scores.at(0).second.value, 1);
  EXPECT_EQ(entry.later[1].scores.at(0).second.value, 2);
  EXPECT_EQ(entry.later[1].step, 30);
  EXPECT_TRUE(entry.scores.back().later);
  EXPECT_EQ(entry.scores.back().value, 2);
  EXPECT_EQ(entry.state, RunState::complete);
  EXPECT_THAT(entry.problem, HasSubstr("torn.h5"));
}

TEST_F(ReadRunEntry, LeavesOutScoresThatWereNotComputed) {
  RunLayout layout;
  layout.experiment = {{"name", "ring"}, {"resolved", "name: ring\n"}};
  layout.evaluations.push_back({"quality", {"fid"}});
  const fs::path file = folder_.path() / "run.h5";
  {
    RunFile run = RunFile::create(file, layout);
    EvaluationRecord record;
    record.metric = "fid";
    record.value = 3;
    run.append_evaluation(0, 10, 1, std::vector{stored_score(record)});
  }
  layout.evaluations.front().metrics.push_back("kid");  // that a resume has brought
  {
    RunFile run = RunFile::resume(file, layout, 10);
    EvaluationRecord fid, kid;
    fid.metric = "fid";
    kid.metric = "kid";
    run.append_evaluation(0, 20, 2, std::vector{stored_score(fid), stored_score(kid)});
  }
  const RunEntry entry = read_run_entry(folder_.path());
  std::vector<std::string> found;
  for (const RunScore& score : entry.scores) found.push_back(fmt::format("{} {}", score.metric, score.step));
  EXPECT_THAT(found, ElementsAre("fid 10", "fid 20", "kid 20"));
}

TEST(ComparableValue, IsTheSameOfEqualNumbers) {
  EXPECT_EQ(comparable_value("1e-3"), comparable_value("0.001"));
  EXPECT_NE(comparable_value("1e-3"), comparable_value("0.0011"));
  EXPECT_EQ(comparable_value("[1e-3, a]"), "[1e-3, a]");
}

// ---- damage

TEST_F(ReadRunEntry, CallsATruncatedRunDamaged) {
  const fs::path run = write();
  for (const double part : {0.9, 0.5, 0.1, 0.0}) {
    const auto size = static_cast<uintmax_t>(part * static_cast<double>(fs::file_size(run / "run.h5")));
    fs::resize_file(run / "run.h5", size);
    const RunEntry entry = read_run_entry(run);
    EXPECT_EQ(entry.state, RunState::damaged) << size;
    EXPECT_THAT(entry.problem, HasSubstr("run.h5"));
    EXPECT_EQ(entry.folder, run);
    EXPECT_THAT(entry.parameters, IsEmpty());
  }
}

TEST_F(ReadRunEntry, CallsAForeignFileDamaged) {
  write();
  folder_.write("run/run.h5", "these are words");
  EXPECT_EQ(read_run_entry(folder_.path() / "run").state, RunState::damaged);
}

TEST_F(ReadRunEntry, NeverThrowsForFlippedBytes) {
  const fs::path run = write({.steps = 3});
  const std::string sound = read_text(run / "run.h5");
  int damaged = 0;
  for (std::size_t at = 0; at < sound.size(); at += sound.size() / 20 + 1) {
    std::string flipped = sound;
    flipped[at] = static_cast<char>(~flipped[at]);
    folder_.write("run/run.h5", flipped);
    const RunEntry entry = read_run_entry(run);
    if (entry.state != RunState::damaged) continue;
    ++damaged;
    EXPECT_NE(entry.problem, "");
  }
  EXPECT_GT(damaged, 0);
}

TEST_F(ReadRunEntry, CallsANewerFormatDamagedAndSaysWhatToDo) {
  const fs::path run = write();
  const hid_t file = H5Fopen((run / "run.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t version = H5Aopen(file, "file_format_version", H5P_DEFAULT);
  const int64_t newer = 99;
  ASSERT_GE(H5Awrite(version, H5T_NATIVE_INT64, &newer), 0);
  H5Aclose(version);
  H5Fclose(file);
  const RunEntry entry = read_run_entry(run);
  EXPECT_EQ(entry.state, RunState::damaged);
  EXPECT_THAT(entry.problem, AllOf(HasSubstr("format 99"), HasSubstr("newer version of duel")));
}

TEST_F(ReadRunEntry, CallsAnUnreadableExperimentDamaged) {
  const RunEntry entry = read_run_entry(write({.resolved = "a: [1"}));
  EXPECT_EQ(entry.state, RunState::damaged);
}

TEST_F(ReadRunEntry, RefusesAFolderThatIsNoRun) {
  EXPECT_THAT(refusal_of([&] { read_run_entry(folder_.path()); }, ExitCode::experiment), HasSubstr("holds no run"));
}

// ---- being written

TEST_F(ReadRunEntry, ReadsARunThatIsBeingWritten) {
  const fs::path run = folder_.path() / "run";
  fs::create_directories(run / "checkpoints");
  RunLayout layout;
  layout.metrics = {"loss"};
  layout.experiment = {{"name", "small"}, {"resolved", "train: {steps: 30}\n"}};
  layout.provenance = {{"total_steps", "30"}};
  RunFile file = RunFile::create(run / "run.h5", layout);
  const double loss[] = {1};
  file.append_metrics(7, 1, loss);
  file.flush();
  EXPECT_EQ(read_run_entry(run).step, 7);
}

// Readers meet a file that is created, grows, ends, and is taken up again.
TEST_F(ReadRunEntry, ReadsWhateverAWriterDoes) {
  const fs::path run = write({.steps = 2});
  const pid_t child = fork();
  if (child == 0) {
    RunLayout layout;
    layout.metrics = {"loss"};
    layout.evaluations = {{"quality", {"fid"}}};
    layout.experiment = {{"name", "small"}, {"resolved", "train: {steps: 30}\n"}};
    const FileLock lock(run / "run.lock");
    for (int64_t step = 3; step < 200; ++step) {
      RunFile file = RunFile::resume(run / "run.h5", layout, step);
      const double loss[] = {1};
      file.append_metrics(step, 1, loss);
    }
    _exit(0);
  }
  int status = 0, read = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    const RunEntry entry = read_run_entry(run);
    EXPECT_NE(entry.state, RunState::damaged) << entry.problem;
    ++read;
  }
  EXPECT_EQ(status, 0);
  EXPECT_GT(read, 0);
}

// ---- trials of sweeps

TEST_F(ReadRunEntry, OfASweepsTrialIsWhatTheJournalSays) {
  folder_.write("s/sweep.yaml", "");
  const fs::path journal = folder_.path() / "s/journal";
  JournalReader reader(journal);
  const auto note = [&](const nlohmann::json& record) {
    append_record(journal, reader, record);
    reader.read();
  };
  note({{"op", "begin"}});
  note({{"op", "end"}, {"run", "0010-s2"}, {"state", "pruned"}, {"message", ""}});
  note({{"op", "end"}, {"run", "0011"}, {"state", "failed"}, {"message", "out of memory"}});
  write_run(folder_.path() / "s/trials/0010-s2", {.steps = 12});
  write_run(folder_.path() / "s/trials/0011", {.steps = 12});
  write_run(folder_.path() / "s/trials/0000", {.steps = 12});
  write_run(folder_.path() / "alone", {.steps = 12});

  const RunEntry pruned = read_run_entry(folder_.path() / "s/trials/0010-s2/");
  EXPECT_EQ(pruned.state, RunState::pruned);
  EXPECT_EQ(pruned.trial->number, 10);
  EXPECT_EQ(pruned.trial->sweep, folder_.path() / "s");
  const RunEntry failed = read_run_entry(folder_.path() / "s/trials/0011");
  EXPECT_EQ(failed.state, RunState::failed);
  EXPECT_EQ(failed.trial->message, "out of memory");
  const RunEntry begun = read_run_entry(folder_.path() / "s/trials/0000");
  EXPECT_EQ(begun.state, RunState::stopped) << "its agent died before it could write its end";
  EXPECT_EQ(begun.trial->number, 0);
  EXPECT_EQ(read_run_entry(folder_.path() / "alone").trial, std::nullopt);

  note({{"op", "end"}, {"run", "0000"}, {"state", "diverged"}, {"message", ""}});
  EXPECT_EQ(read_run_entry(folder_.path() / "s/trials/0000").state, RunState::diverged) << "the journal has grown";
  folder_.write("s/journal", "no journal\nat all\n");
  const RunEntry unknown = read_run_entry(folder_.path() / "s/trials/0011");
  EXPECT_EQ(unknown.state, RunState::stopped);
  EXPECT_EQ(unknown.trial->number, 11);
}

// ---- find_runs

TEST(FindRuns, FindsThemInOrderAndOnce) {
  const TemporaryFolder folder;
  const fs::path& all = folder.path();
  for (const char* name : {"b/2", "b/1", "a/x/run", "a/x/run/inner"}) folder.write(std::string(name) + "/run.h5", "");
  folder.write("a/empty/note.txt", "");
  fs::create_directory_symlink(all / "a", all / "a/x/loop");
  const std::vector<fs::path> paths{all / "b", all / "a", all / "b/1"};
  EXPECT_THAT(find_runs(paths), ElementsAre(all / "b/1", all / "b/2", all / "a/x/run"));
}

TEST(FindRuns, KnowsARunByAnotherName) {
  const TemporaryFolder folder;
  const fs::path& all = folder.path();
  for (const char* name : {"a/run.h5", "b/run.h5"}) folder.write(name, "");
  const std::vector<fs::path> paths{all / "a", all / "b/../a", all};
  EXPECT_THAT(find_runs(paths), ElementsAre(all / "a", all / "b"));
  EXPECT_THAT(runs_found_in(paths), ElementsAre(all / "a", all / "b"));
}

TEST(RunsFoundIn, HaveNoneOfPathsWithoutRuns) {
  const TemporaryFolder folder;
  folder.write("file", "");
  folder.write("a/run.h5", "");
  fs::create_directory(folder.path() / "empty");
  const fs::path& all = folder.path();
  const std::vector<fs::path> paths{all / "absent", all / "file", all / "empty", all / "a"};
  EXPECT_THAT(runs_found_in(paths), ElementsAre(all / "a"));
}

TEST(FindRuns, RefusesPathsWithoutRuns) {
  const TemporaryFolder folder;
  folder.write("file", "");
  fs::create_directory(folder.path() / "empty");
  const auto refusal = [&](const std::string& name) {
    const std::vector<fs::path> paths{folder.path() / name};
    return refusal_of([&] { find_runs(paths); }, ExitCode::experiment);
  };
  EXPECT_THAT(refusal("absent"), HasSubstr("absent is not there"));
  EXPECT_THAT(refusal("file"), HasSubstr("file is no folder"));
  EXPECT_THAT(refusal("empty"), HasSubstr("empty holds no run"));
}

}  // namespace
}  // namespace duel
