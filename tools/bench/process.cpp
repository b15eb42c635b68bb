#include "tools/bench/process.hpp"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "base/error.hpp"

namespace duel {
namespace {

std::string proc_text(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int64_t status_bytes(const std::string& key) {
  const std::string status = proc_text("/proc/self/status");
  const std::size_t place = status.find(key);
  DUEL_CHECK(place != std::string::npos, "/proc/self/status has no {}", key);
  return 1024 * std::stoll(status.substr(place + key.size()));
}

}  // namespace

double seconds_since_start() {
  constexpr int fields_before_start = 19;  // after the name, which is in parentheses and may hold anything (proc(5))
  const std::string stat = proc_text("/proc/self/stat");
  const std::size_t name_end = stat.rfind(')');
  DUEL_CHECK(name_end != std::string::npos, "/proc/self/stat has no name");
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < fields_before_start; ++i) fields >> skipped;
  double start_ticks = 0;
  DUEL_CHECK(static_cast<bool>(fields >> start_ticks), "/proc/self/stat has no start time");

  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double since_boot = static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  return since_boot - start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Not getrusage: that also knows the larger of the programs that this process was before it became this one.
int64_t peak_resident_bytes() { return status_bytes("VmHWM:"); }

int64_t anonymous_bytes() { return status_bytes("RssAnon:"); }

}  // namespace duel
