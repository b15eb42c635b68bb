// The agents of a sweep as processes on this machine, each on cores of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace duel {

// Exit code of a process that could not become an agent.
inline constexpr int cannot_start = 126;

// One thread uses it; the one that made it, as its end tells the agents to stop.
class Workers {
 public:
  // `threads`: of an agent; 0: as many as it has cores. Starts none yet.
  Workers(std::filesystem::path sweep, int64_t count, int threads);
  ~Workers();  // stops those that still run, and waits for them
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t count() const { return workers_.size(); }
  std::size_t running() const;
  bool is_running(std::size_t worker) const { return workers_.at(worker).process != 0; }
  // Throws UserError(ExitCode::storage) when there can be no further process.
  void start(std::size_t worker);
  // Sends all of them a signal.
  void signal(int number) const;

  struct Ended {
    std::size_t worker = 0;
    std::string agent;
    std::optional<int> code;  // none: a signal ended it
    int signal = 0;
  };
  // Those that have ended since the last call. Does not wait.
  std::vector<Ended> ended();
  // What the worker printed last.
  std::string last_words(std::size_t worker) const;

 private:
  struct Worker {
    pid_t process = 0;  // 0: none
    std::string agent;
    std::vector<int> cores;
  };
  std::filesystem::path log_file(std::size_t worker) const;
  [[noreturn]] void become(std::size_t worker, pid_t parent) const;

  std::filesystem::path sweep_;
  int threads_;
  int64_t starts_ = 0;
  std::vector<Worker> workers_;
};

}  // namespace duel
