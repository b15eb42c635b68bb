// A disk that is full, a file that may not grow, an output that is closed: the training ends with exit code 5, and a
// resume ends as the run that was left alone.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "tests/crash/ring_test.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Storage : public RingTest {
 protected:
  // Goes on without what kept it from writing.
  static void expect_good_end(const std::string& run) {
    const ProgramEnd end = start(runs().next_arguments(run, 1));
    ASSERT_EQ(end.code, 0) << end.errors;
    expect_same_end(runs().path(run), reference());
  }
};

TEST_F(Storage, AFileThatMayNotGrowEndsTheTraining) {
  const uintmax_t whole = fs::file_size(reference() / "run.h5");
  for (const uintmax_t limit : {uintmax_t{4096}, whole / 8, whole / 4, whole / 2, whole - 4096}) {
    SCOPED_TRACE(limit);
    const std::string run = fmt::format("limit-{}", limit);
    const ProgramEnd end = start(runs().train_arguments(run, 1), {.most_file_bytes = limit});
    EXPECT_EQ(end.code, 5);
    EXPECT_THAT(end.errors, HasSubstr(run + "/"));
    EXPECT_THAT(end.errors, HasSubstr("File too large"));
    expect_good_end(run);
  }
}

// A small file system of its own.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;

  // False, with errno, where this process may not mount.
  bool resize(uintmax_t bytes) {
    const std::string size = fmt::format("size={}", bytes);
    const bool done = mount("none", folder_.c_str(), "tmpfs", mounted_ ? MS_REMOUNT : 0, size.c_str()) == 0;
    mounted_ = mounted_ || done;
    return done;
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

TEST_F(Storage, AFullDiskEndsTheTraining) {
  for (const uintmax_t kilobytes : {64, 256, 400, 600}) {
    SCOPED_TRACE(kilobytes);
    const std::string folder = fmt::format("disk-{}", kilobytes);
    SmallDisk disk(runs().path(folder));
    if (!disk.resize(kilobytes << 10)) GTEST_SKIP() << "cannot mount a small disk: " << std::strerror(errno);
    const std::string run = folder + "/run";
    const ProgramEnd end = start(runs().train_arguments(run, 1));
    EXPECT_EQ(end.code, 5);
    EXPECT_THAT(end.errors, HasSubstr(run));
    EXPECT_THAT(end.errors, HasSubstr("No space left on device"));
    EXPECT_THAT(end.errors, HasSubstr("free some space"));
    ASSERT_TRUE(disk.resize(uintmax_t{64} << 20));
    expect_good_end(run);
  }
}

TEST_F(Storage, AnOutputThatIsFullEndsTheTraining) {
  const ProgramEnd end = start(runs().train_arguments("no-output", 1), {.output = "/dev/full"});
  EXPECT_EQ(end.code, 5);
  EXPECT_EQ(end.errors, "standard output could not be written\n");
  expect_good_end("no-output");
}

}  // namespace
}  // namespace duel
