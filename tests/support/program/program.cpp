#include "tests/support/program/program.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <system_error>
#include <thread>

#include "kernels/select.hpp"
#include "tests/support/program/program_path.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::string content(std::FILE* file) {
  std::string text(static_cast<std::size_t>(lseek(fileno(file), 0, SEEK_END)), '\0');
  const ssize_t read = pread(fileno(file), text.data(), text.size(), 0);
  if (read != static_cast<ssize_t>(text.size())) fail("reading what the program printed");
  return text;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

const std::filesystem::path& own_cache() {
  static const TemporaryFolder folder;
  return folder.path();
}

// The environment of this process, with what the settings say in the place of what it says of OpenBLAS's kernels and of
// caches.
class Environment {
 public:
  explicit Environment(const ProgramSettings& settings)
      : blas_core_(std::string(blas_core_variable) + "="), cache_("XDG_CACHE_HOME=") {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view text = *variable;
      if (!text.starts_with(blas_core_) && !text.starts_with(cache_)) variables_.push_back(*variable);
    }
    blas_core_ += settings.blas_core;
    cache_ += settings.cache.empty() ? own_cache().string() : settings.cache.string();
    if (!settings.blas_core.empty()) variables_.push_back(blas_core_.data());
    variables_.push_back(cache_.data());
    variables_.push_back(nullptr);
  }
  char* const* variables() const { return variables_.data(); }

 private:
  std::string blas_core_, cache_;
  std::vector<char*> variables_;
};

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                 const ProgramSettings& settings)
    : output_(std::tmpfile()), errors_(std::tmpfile()) {
  if (output_ == nullptr || errors_ == nullptr) fail("making a temporary file");
  std::vector<char*> words{const_cast<char*>("duel")};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const Environment environment(settings);
  const std::string program = program_path();
  const int elsewhere = settings.output.empty() ? -1 : open(settings.output.c_str(), O_WRONLY | O_CLOEXEC);
  if (!settings.output.empty() && elsewhere < 0) fail("opening the output");
  process_ = fork();
  if (process_ < 0) fail("starting a process");
  if (process_ > 0) {
    if (elsewhere >= 0) close(elsewhere);
    return;
  }
  // From here on the child, in which only system calls are safe.
  prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);  // refused to ordinary users, who do not have it anyway
  const rlimit largest{settings.most_file_bytes, settings.most_file_bytes};
  if (settings.most_file_bytes > 0) setrlimit(RLIMIT_FSIZE, &largest);
  const int output = elsewhere >= 0 ? elsewhere : fileno(output_.get());
  if (chdir(folder.c_str()) == 0 && dup2(output, STDOUT_FILENO) >= 0 &&
      dup2(fileno(errors_.get()), STDERR_FILENO) >= 0) {
    execve(program.c_str(), words.data(), environment.variables());
  }
  _exit(127);
}

Program::~Program() {
  if (end_) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Program::send(int signal) const {
  if (!end_ && kill(process_, signal) != 0) fail("sending a signal");
}

bool Program::collect(int options) {
  if (end_) return true;
  int status = 0;
  rusage usage{};
  const pid_t done = wait4(process_, &status, options, &usage);
  if (done < 0) fail("waiting for the program");
  if (done == 0) return false;
  end_ = ProgramEnd{WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content(output_.get()),
                    content(errors_.get()), seconds(usage.ru_utime) + seconds(usage.ru_stime),
                    int64_t{usage.ru_maxrss} * 1024};
  return true;
}

bool Program::ends_within(double limit) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limit);
  while (!collect(WNOHANG)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

ProgramEnd Program::wait() {
  collect(0);
  return *end_;
}

ProgramEnd run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                       const ProgramSettings& settings) {
  return Program(arguments, folder, settings).wait();
}

}  // namespace duel
