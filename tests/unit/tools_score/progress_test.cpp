// The line on the terminal: what it says, and that it is on terminals alone.
#include "tools/score/progress.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

namespace duel {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(Progress, EstimatesTheTimeLeftFromTheStagesThatAreDone) {
  EXPECT_EQ(progress_text("fid (metric 1 of 3)", 0, 6, 100), "fid (metric 1 of 3)");
  EXPECT_EQ(progress_text("kid (metric 2 of 3)", 2, 6, 20.5), "kid (metric 2 of 3), about 41 s left");
}

// A terminal that a test can read.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    if (master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0)
      slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
  }
  ~Terminal() {
    close(slave_);
    close(master_);
  }
  bool works() const { return slave_ >= 0; }
  int descriptor() const { return slave_; }
  // What has been written since the last call.
  std::string shown() const {
    std::string text(4096, '\0');
    const ssize_t size = read(master_, text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
  std::string waited_for() const {
    std::string text;
    for (int i = 0; i < 500 && text.empty(); ++i) {
      usleep(10000);
      text = shown();
    }
    return text;
  }

 private:
  int master_;
  int slave_ = -1;
};

TEST(Progress, IsShownOnATerminalOnceTheWorkTakesLong) {
  const Terminal terminal;
  if (!terminal.works()) GTEST_SKIP() << "needs a pseudo-terminal";
  {
    ScoreProgress progress(terminal.descriptor(), 0.05);
    progress.reading("real.npy");
    EXPECT_THAT(terminal.waited_for(), HasSubstr("reading real.npy"));
    progress.scoring("kid (metric 1 of 1)", 0, 1);
    EXPECT_THAT(terminal.waited_for(), HasSubstr("kid (metric 1 of 1)"));
  }
  EXPECT_THAT(terminal.shown(), EndsWith("\r\033[K")) << "the line is cleared";
  {
    ScoreProgress progress(terminal.descriptor(), 1000);
    progress.reading("real.npy");
  }
  EXPECT_EQ(terminal.shown(), "") << "work that ends soon shows nothing";
}

TEST(Progress, IsNotShownElsewhere) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
  {
    ScoreProgress progress(ends[1], 0);
    progress.reading("real.npy");
    usleep(20000);
  }
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace duel
