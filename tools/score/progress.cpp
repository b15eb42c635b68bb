#include "tools/score/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.hpp"

namespace duel {
namespace {

constexpr auto interval = std::chrono::milliseconds(500);

// What a terminal does not take is lost, as it is no result.
void write_to(int descriptor, const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(descriptor, text.data(), text.size());
}

std::size_t columns_of(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col - 1u : 79u;
}

}  // namespace

std::string progress_text(const std::string& what, std::size_t stage, std::size_t stages, double seconds) {
  std::string text = what;
  if (stage == 0) return text;
  const double left = seconds / static_cast<double>(stage) * static_cast<double>(stages - stage);
  return text + fmt::format(", about {} left", format_duration(left));
}

ScoreProgress::ScoreProgress(int descriptor, double delay) : descriptor_(descriptor) {
  if (isatty(descriptor) != 1) return;
  thread_ = std::jthread([this, delay](const std::stop_token& stop) { run(stop, delay); });
}

ScoreProgress::~ScoreProgress() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (shown_) write_to(descriptor_, "\r\033[K");
}

void ScoreProgress::reading(const std::string& name) {
  const std::lock_guard lock(mutex_);
  what_ = "reading " + name;
  stage_ = stages_ = 0;
}

void ScoreProgress::scoring(const std::string& what, std::size_t stage, std::size_t stages) {
  const std::lock_guard lock(mutex_);
  if (stage == 0) scoring_since_ = std::chrono::steady_clock::now();
  what_ = what;
  stage_ = stage;
  stages_ = stages;
}

void ScoreProgress::run(const std::stop_token& stop, double delay) {
  std::unique_lock lock(mutex_);
  const auto never = [] { return false; };
  changed_.wait_for(lock, stop, std::chrono::duration<double>(delay), never);
  while (!stop.stop_requested()) {
    write_line();
    changed_.wait_for(lock, stop, interval, never);
  }
}

void ScoreProgress::write_line() {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - scoring_since_;
  std::string text = progress_text(what_, stage_, stages_, seconds.count());
  const std::size_t columns = columns_of(descriptor_);
  if (text.size() > columns) text.resize(columns);
  write_to(descriptor_, "\r\033[K" + text);
  shown_ = true;
}

}  // namespace duel
