#include "tools/sweep/workers.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::vector<int> usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
  }
  return cores;
}

// The cores of worker `index` of `count`: disjoint shares; where there are more workers than cores, one core each.
std::vector<int> share_of(const std::vector<int>& cores, std::size_t index, std::size_t count) {
  if (cores.empty()) return {};
  if (count >= cores.size()) return {cores[index % cores.size()]};
  const std::size_t begin = index * cores.size() / count, end = (index + 1) * cores.size() / count;
  return {cores.begin() + static_cast<std::ptrdiff_t>(begin), cores.begin() + static_cast<std::ptrdiff_t>(end)};
}

void pin_to(const std::vector<int>& cores) {
  if (cores.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);  // without it the agent is only slower
}

// Signals that ask to stop, held back while this lives: between fork and exec they would reach the handlers of the
// process that forks, and be forgotten.
class HeldSignals {
 public:
  HeldSignals() {
    for (const int number : stop_signals) sigaddset(&set_, number);
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  static constexpr std::array<int, 3> stop_signals{SIGINT, SIGTERM, SIGUSR1};

 private:
  sigset_t set_{};
  sigset_t before_{};
};

}  // namespace

Workers::Workers(fs::path sweep, int64_t count, int threads)
    : sweep_(std::move(sweep)), threads_(threads), workers_(static_cast<std::size_t>(count)) {
  const std::vector<int> cores = usable_cores();
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i].cores = share_of(cores, i, workers_.size());
}

Workers::~Workers() {
  signal(SIGTERM);
  for (const Worker& worker : workers_) {
    while (worker.process != 0 && waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

std::size_t Workers::running() const {
  return static_cast<std::size_t>(std::ranges::count_if(workers_, [](const Worker& w) { return w.process != 0; }));
}

fs::path Workers::log_file(std::size_t worker) const {
  return sweep_ / "logs" / fmt::format("worker-{}.log", worker + 1);
}

void Workers::start(std::size_t worker) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  workers_[worker].agent = fmt::format("worker-{}-{}-{}-{}", worker + 1, getpid(), ++starts_,
                                       std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const pid_t parent = getpid();
  const HeldSignals held;
  const pid_t process = fork();
  if (process < 0) {
    throw UserError(ExitCode::storage,
                    fmt::format("cannot start a worker: {}", std::generic_category().message(errno)));
  }
  if (process == 0) become(worker, parent);
  workers_[worker].process = process;
}

// In the new process.
void Workers::become(std::size_t worker, pid_t parent) const {
  setpgid(0, 0);  // Ctrl-C reaches the sweep alone, which passes it on
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(cannot_start);  // it died before
  sigset_t none;
  sigemptyset(&none);
  for (const int number : HeldSignals::stop_signals) ::signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  pin_to(workers_[worker].cores);
  const int output = ::open(log_file(worker).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (output < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(cannot_start);
  std::vector<std::string> words{"duel", "sweep-agent", sweep_.string(), "--name", workers_[worker].agent};
  if (threads_ > 0) words.insert(words.end(), {"--threads", std::to_string(threads_)});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv("/proc/self/exe", arguments.data());
  _exit(cannot_start);
}

void Workers::signal(int number) const {
  for (const Worker& worker : workers_) {
    if (worker.process != 0) kill(worker.process, number);
  }
}

std::vector<Workers::Ended> Workers::ended() {
  std::vector<Ended> out;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    int status = 0;
    if (workers_[i].process == 0 || waitpid(workers_[i].process, &status, WNOHANG) != workers_[i].process) continue;
    workers_[i].process = 0;
    Ended ended{i, workers_[i].agent, std::nullopt, 0};
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    out.push_back(std::move(ended));
  }
  return out;
}

std::string Workers::last_words(std::size_t worker) const {
  std::string text;
  try {
    text = read_text(log_file(worker));
  } catch (const UserError&) {
    return fmt::format("worker {} could not start; is {} writable?", worker + 1, (sweep_ / "logs").string());
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

}  // namespace duel
