// Downloads from a server on this machine that the tests start.
#include "tools/data/download.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// tests/support/range_server.py in a folder, until the end of the test.
class Server {
 public:
  explicit Server(const fs::path& folder) {
    int ends[2];
    if (pipe(ends) != 0) return;
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      if (chdir(folder.c_str()) == 0) {
        execlp("python3", "python3", DUEL_SOURCE_DIR "/tests/support/range_server.py", nullptr);
      }
      _exit(127);
    }
    close(ends[1]);
    std::FILE* printed = fdopen(ends[0], "r");
    if (std::fscanf(printed, "%d", &port_) != 1) port_ = 0;
    std::fclose(printed);
  }
  ~Server() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool runs() const { return port_ != 0; }
  std::string url(const std::string& name) const { return "http://127.0.0.1:" + std::to_string(port_) + "/" + name; }

 private:
  pid_t process_ = -1;
  int port_ = 0;
};

class Downloads : public testing::Test {
 protected:
  void SetUp() override {
    if (!server_.runs()) GTEST_SKIP() << "python3 does not run here, so there is no server to download from";
  }

  Download offered(const std::string& name, const std::string& content) const {
    served_.write(name, content);
    return {server_.url(name), target(), content.size(), sha256_hex(content)};
  }
  fs::path target() const { return folder_.path() / "deep" / "file"; }
  fs::path part() const { return folder_.path() / "deep" / "file.part"; }
  std::string requests() const { return content_of(served_.path() / "requests.log"); }
  std::string refusal_of(const Download& file, ExitCode code = ExitCode::data) const {
    return duel::refusal_of([&] { download(file); }, code);
  }

  const std::string noise_ = png_file(noise_picture(300, 300, 3, 1));  // 270 kB
  TemporaryFolder served_;
  TemporaryFolder folder_;
  Server server_{served_.path()};
};

TEST_F(Downloads, ArriveWholeOnce) {
  const Download file = offered("file", noise_);
  uint64_t seen = 0;
  EXPECT_EQ(download(file, [&](uint64_t bytes) { seen = bytes; }), DownloadEnd::downloaded);
  EXPECT_EQ(seen, noise_.size());
  EXPECT_EQ(content_of(target()), noise_);
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_EQ(download(file), DownloadEnd::already_there);
  EXPECT_EQ(requests(), "/file -\n") << "the second time the server is not asked";
}

TEST_F(Downloads, GoOnWhereTheyStopped) {
  const Download file = offered("file.cut", noise_);
  EXPECT_THAT(refusal_of(file),
              AllOf(HasSubstr("file.cut: cannot be fetched: "), HasSubstr("run this again to go on after the")));
  EXPECT_FALSE(fs::exists(target())) << "half a file must not look like a whole one";
  const std::size_t half = noise_.size() / 2;
  EXPECT_EQ(content_of(part()), noise_.substr(0, half));
  EXPECT_EQ(download(file), DownloadEnd::resumed);
  EXPECT_EQ(content_of(target()), noise_);
  EXPECT_EQ(requests(), "/file.cut -\n/file.cut bytes=" + std::to_string(half) + "-\n");
}

TEST_F(Downloads, BeginAgainWhereTheServerGivesNoParts) {
  const Download file = offered("file.whole", noise_);
  folder_.write("deep/file.part", noise_.substr(0, 1000));
  download(file);
  EXPECT_EQ(content_of(target()), noise_);
}

TEST_F(Downloads, BeginAgainWhereThePartIsOfAnotherFile) {
  const Download file = offered("file", noise_);
  folder_.write("deep/file.part", "something else");
  EXPECT_EQ(download(file), DownloadEnd::downloaded);
  EXPECT_EQ(content_of(target()), noise_);
  fs::remove(target());
  folder_.write("deep/file.part", noise_ + "more");
  EXPECT_EQ(download(file), DownloadEnd::downloaded);
  fs::remove(target());
  folder_.write("deep/file.part", noise_);  // killed before it was named
  EXPECT_EQ(download(file), DownloadEnd::resumed);
}

TEST_F(Downloads, FollowRedirections) {
  Download file = offered("file", noise_);
  file.url = server_.url("moved/file");
  EXPECT_EQ(download(file), DownloadEnd::downloaded);
}

TEST_F(Downloads, OfOtherContentAreRefusedAndLeaveNothing) {
  Download file = offered("file", noise_);
  file.sha256 = sha256_hex("what was meant");
  EXPECT_THAT(refusal_of(file), AllOf(HasSubstr("is another file than expected: SHA-256 " + sha256_hex(noise_)),
                                      HasSubstr("choose another source with --url")));
  file.bytes = 1000;
  EXPECT_THAT(refusal_of(file), HasSubstr("has more than the 1000 bytes of the published file"));
  EXPECT_TRUE(fs::is_empty(target().parent_path()));
  folder_.write("deep/file", "mine");
  EXPECT_THAT(refusal_of(file), HasSubstr("file: is there, but is not the published file; move it away"));
  EXPECT_EQ(content_of(target()), "mine");
}

TEST_F(Downloads, ThatFailSayWhy) {
  Download file = offered("file", noise_);
  file.url = server_.url("absent");
  EXPECT_THAT(refusal_of(file), HasSubstr("absent: cannot be fetched: The requested URL returned error: 404"));
  EXPECT_FALSE(fs::exists(part())) << "nothing came, so nothing is kept";
  file.url = "http://127.0.0.1:1/file";
  EXPECT_THAT(refusal_of(file), HasSubstr("cannot be fetched: Failed to connect"));
  file.url = "gopher://127.0.0.1/file";
  EXPECT_THAT(refusal_of(file), HasSubstr("cannot be fetched: "));
}

TEST_F(Downloads, ComeFromFilesToo) {
  Download file = offered("file", noise_);
  file.url = "file://" + (served_.path() / "file").string();
  EXPECT_EQ(download(file), DownloadEnd::downloaded);
}

}  // namespace
}  // namespace duel
