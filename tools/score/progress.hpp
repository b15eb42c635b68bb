// What `duel score` shows while it works: one line on a terminal, once the work takes long; nothing elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

namespace duel {

// "kid (metric 2 of 3), about 41 s left"; without an estimate while no stage is done. Stages are the metrics and, after
// them, their floors.
std::string progress_text(const std::string& what, std::size_t stage, std::size_t stages, double seconds);

// Thread-safe.
class ScoreProgress {
 public:
  // Writes to `descriptor` if that is a terminal, from `delay` seconds after now on.
  explicit ScoreProgress(int descriptor, double delay = 1.0);
  // Clears the line.
  ~ScoreProgress();
  ScoreProgress(const ScoreProgress&) = delete;
  ScoreProgress& operator=(const ScoreProgress&) = delete;

  void reading(const std::string& name);
  // Stage `stage` of `stages` begins.
  void scoring(const std::string& what, std::size_t stage, std::size_t stages);

 private:
  void run(const std::stop_token& stop, double delay);
  void write_line();

  int descriptor_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string what_;
  std::size_t stage_ = 0, stages_ = 0;
  std::chrono::steady_clock::time_point scoring_since_;
  bool shown_ = false;
  std::jthread thread_;  // last: it uses all above
};

}  // namespace duel
