#include "base/file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "base/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// The code and text of the error that `action` must throw.
template <class Action>
std::pair<ExitCode, std::string> error_of(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    return {error.code(), error.what()};
  }
  ADD_FAILURE() << "nothing thrown";
  return {};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

// Switches faults off even where a test fails.
struct Faults {
  explicit Faults(const FaultPlan& plan) { inject_fault(plan); }
  ~Faults() { inject_fault({}); }
};

TEST(ReadFile, ReturnsEveryByte) {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\xff", 6);
  const fs::path file = folder.write("data", text);
  EXPECT_EQ(read_text(file), text);
  const Bytes bytes = read_file(file);
  ASSERT_EQ(bytes.size(), 6u);
  EXPECT_EQ(bytes[5], std::byte{0xff});
  EXPECT_EQ(read_text(folder.write("empty", "")), "");
}

TEST(ReadFile, RefusesWhatIsNoFileOrTooLarge) {
  const TemporaryFolder folder;
  const auto missing = error_of([&] { read_file(folder.path() / "missing"); });
  EXPECT_EQ(missing.first, ExitCode::data);
  EXPECT_THAT(missing.second, HasSubstr("missing: cannot read: No such file or directory"));
  EXPECT_THAT(error_of([&] { read_file(folder.path()); }).second, HasSubstr("Is a directory"));

  const fs::path pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { read_file(pipe); }).second, HasSubstr("not a regular file"));

  const fs::path huge = folder.write("huge", "");
  fs::resize_file(huge, uint64_t{1} << 40);  // sparse: reading it would take all memory
  EXPECT_THAT(error_of([&] { read_file(huge, 1 << 20); }).second, HasSubstr("has 1.00 TiB; at most 1.00 MiB"));
  EXPECT_EQ(read_text(folder.write("fits", "1234"), 4), "1234");
  EXPECT_THROW(read_text(folder.write("fits not", "12345"), 4), UserError);
}

TEST(WriteFileAtomically, ReplacesTheFile) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "state";
  write_file_atomically(file, "old");
  write_file_atomically(file, "new");
  EXPECT_EQ(read_text(file), "new");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"state"});
}

TEST(WriteFileAtomically, LeavesOldOrNewWhateverFails) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "state";
  const std::string old_text(1000, 'o');
  const std::string new_text(3000, 'n');
  for (const int error : {ENOSPC, EIO, EDQUOT, EROFS}) {
    for (const bool persistent : {false, true}) {
      bool succeeded = false;
      int64_t call = 1;
      for (; !succeeded; ++call) {
        ASSERT_LT(call, 100);
        write_file_atomically(file, old_text);
        {
          const Faults faults({call, error, persistent});
          try {
            write_file_atomically(file, new_text);
            succeeded = true;
          } catch (const UserError& failure) {
            EXPECT_EQ(failure.code(), ExitCode::storage);
            EXPECT_THAT(failure.what(), HasSubstr(folder.path().string()));
          }
        }
        const std::string text = read_text(file);
        EXPECT_TRUE(text == (succeeded ? new_text : old_text) || text == new_text);
        sweep_temporaries(folder.path());
        EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"state"});
      }
      EXPECT_GE(call, 6) << "open, write, fsync, rename, open of the folder and its fsync can fail";
    }
  }
}

TEST(WriteFileAtomically, ATransientFailureLeavesNoTemporary) {
  const TemporaryFolder folder;
  for (const int64_t call : {2, 3, 4}) {
    const Faults faults({call, EIO, false});
    EXPECT_THROW(write_file_atomically(folder.path() / "state", "text"), UserError);
    EXPECT_TRUE(names_in(folder.path()).empty()) << "call " << call;
  }
}

TEST(WriteFileAtomically, GoesOnAfterInterruptionsAndShortWrites) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "state";
  const std::string text(1000, 'x');
  for (int64_t call = 1; call <= 8; ++call) {
    const Faults faults({call, EINTR, false});
    write_file_atomically(file, text + std::to_string(call));
    EXPECT_EQ(read_text(file), text + std::to_string(call));
  }
  const Faults faults({1, 0, true});
  write_file_atomically(file, text);
  EXPECT_GT(file_calls_since_injection(), 10) << "no write was short";
  EXPECT_EQ(read_text(file), text);
}

TEST(WriteFileAtomically, NamesThePathAndTheRemedy) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { write_file_atomically(folder.path() / "no/state", "x"); }).second,
              HasSubstr("no: cannot create a file here: No such file or directory"));
  const Faults faults({2, ENOSPC, false});
  EXPECT_THAT(error_of([&] { write_file_atomically(folder.path() / "state", "x"); }).second,
              HasSubstr("state: cannot write: No space left on device; free some space"));
}

TEST(CheckWritable, LeavesNothingAndFindsOut) {
  const TemporaryFolder folder;
  check_writable(folder.path());
  EXPECT_TRUE(names_in(folder.path()).empty());
  EXPECT_EQ(error_of([&] { check_writable(folder.path() / "missing"); }).first, ExitCode::storage);
  const Faults faults({1, EROFS, true});
  EXPECT_THAT(error_of([&] { check_writable(folder.path()); }).second, HasSubstr("Read-only file system"));
}

TEST(SweepTemporaries, RemovesWhatTheDeadLeftAndNothingElse) {
  const TemporaryFolder folder;
  folder.write("state", "x");
  folder.write("notes.tmp", "x");
  {
    const Faults faults({2, EIO, true});  // neither the write nor the clean-up succeeds
    EXPECT_THROW(write_file_atomically(folder.path() / "state", "y"), UserError);
  }
  EXPECT_EQ(names_in(folder.path()).size(), 3u);

  const fs::path living = folder.write(".duel-1-1.tmp", "being written");
  const int descriptor = ::open(living.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(descriptor, LOCK_EX), 0);
  EXPECT_EQ(sweep_temporaries(folder.path()), 1);
  EXPECT_TRUE(fs::exists(living));
  ::close(descriptor);
  EXPECT_EQ(sweep_temporaries(folder.path()), 1);
  EXPECT_EQ(names_in(folder.path()).size(), 2u);
}

TEST(CreateFolders, MakesParentsAndRespectsFiles) {
  const TemporaryFolder folder;
  create_folders(folder.path() / "a/b/./c/");
  create_folders(folder.path() / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder.path() / "a/b/c"));
  folder.write("file", "x");
  EXPECT_THAT(error_of([&] { create_folders(folder.path() / "file/d"); }).second, HasSubstr("file: cannot create"));
}

TEST(CreateFolders, NamesThoseThatItHasMade) {
  const TemporaryFolder folder;
  const fs::path a = folder.path() / "a";
  EXPECT_EQ(create_folders(a / "b"), (std::vector{a, a / "b"}));
  EXPECT_EQ(create_folders(a / "b/c"), std::vector{a / "b/c"});
  EXPECT_TRUE(create_folders(a / "b/c").empty());
}

TEST(CreateNewFolder, TakesTheFirstFreeName) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "runs/run";
  EXPECT_EQ(create_new_folder(run), (std::vector{folder.path() / "runs", run}));
  EXPECT_EQ(create_new_folder(run), std::vector{folder.path() / "runs/run-2"});
  folder.write("runs/run-3", "a file");
  EXPECT_EQ(create_new_folder(run), std::vector{folder.path() / "runs/run-4"});
}

TEST(WriteNewFile, ReplacesNothing) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& text) {
    return write_new_file_atomically(folder.path() / "a.h5", std::as_bytes(std::span(text))).filename().string();
  };
  EXPECT_EQ(write("one"), "a.h5");
  EXPECT_EQ(write("two"), "a-2.h5");
  EXPECT_EQ(write("three"), "a-3.h5");
  EXPECT_EQ(read_text(folder.path() / "a.h5"), "one");
  EXPECT_EQ(read_text(folder.path() / "a-2.h5"), "two");
  EXPECT_EQ(names_in(folder.path()).size(), 3U);
}

// The fourth call is the renaming; EINVAL is what file systems say that cannot do it, and then the file is linked.
TEST(WriteNewFile, IsWrittenWholeOrNotAtAllOnAnyFileSystem) {
  const TemporaryFolder folder;
  const auto write = [&] {
    return write_new_file_atomically(folder.path() / "a.h5", std::as_bytes(std::span("x", 1)));
  };
  for (int64_t call = 1; call <= 4; ++call) {
    inject_fault({call, EIO, false});
    EXPECT_EQ(error_of(write).first, ExitCode::storage);
    inject_fault({});
    EXPECT_TRUE(names_in(folder.path()).empty()) << call;
  }
  for (const char* name : {"a.h5", "a-2.h5"}) {
    inject_fault({4, EINVAL, false});
    EXPECT_EQ(write().filename(), name);
    inject_fault({});
  }
  EXPECT_EQ(names_in(folder.path()).size(), 2U);
}

TEST(FileOperations, RenameSyncRemove) {
  const TemporaryFolder folder;
  const fs::path first = folder.write("first", "x");
  const fs::path second = folder.path() / "second";
  rename_file(first, second);
  sync_file(second);
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"second"});
  remove_file(second);
  EXPECT_EQ(error_of([&] { remove_file(second); }).first, ExitCode::storage);
  EXPECT_EQ(error_of([&] { rename_file(first, second); }).first, ExitCode::storage);
  EXPECT_EQ(error_of([&] { sync_file(second); }).first, ExitCode::storage);
}

// Runs `action` in a child process; its exit status.
template <class Action>
int status_in_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(FileLock, KeepsOtherProcessesOutAndNamesTheHolder) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.lock";
  const std::string holder = std::to_string(::getpid());
  const auto try_to_lock = [&] {
    try {
      const FileLock lock(path);
      return 0;
    } catch (const UserError& error) {
      const bool names_holder = std::string(error.what()).find("process " + holder) != std::string::npos;
      return names_holder ? static_cast<int>(error.code()) : 99;
    }
  };
  {
    FileLock lock(path);
    const FileLock moved = std::move(lock);
    EXPECT_EQ(status_in_child(try_to_lock), static_cast<int>(ExitCode::in_use));
  }
  EXPECT_EQ(status_in_child(try_to_lock), 0);
}

// The process that has it takes its folder away; who waited for it must not believe to have what others lock anew.
TEST(FileLock, IsOfTheFileThatStandsThere) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.lock";
  std::optional<FileLock> held(path);
  std::thread holder([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    fs::remove(path);
    held.reset();
  });
  const FileLock lock(path);
  holder.join();
  EXPECT_TRUE(is_locked(path));
}

TEST(FileLock, IsSeenFromOutsideWithoutBeingTaken) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.lock";
  EXPECT_FALSE(is_locked(path));
  EXPECT_FALSE(fs::exists(path)) << "looking creates nothing";
  {
    const FileLock lock(path);
    EXPECT_TRUE(is_locked(path));
    EXPECT_TRUE(is_locked(path));
  }
  EXPECT_FALSE(is_locked(path));
}

TEST(FileLock, IsFreeOnceItsProcessIsKilled) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(path);
    [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(error_of([&] { FileLock{path}; }).first, ExitCode::in_use);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const FileLock lock(path);
  EXPECT_EQ(read_text(path), std::to_string(::getpid()));
}

}  // namespace
}  // namespace duel
