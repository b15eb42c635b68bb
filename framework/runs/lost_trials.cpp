#include "runs/lost_trials.hpp"

#include <algorithm>
#include <set>
#include <system_error>

namespace duel {
namespace {

namespace fs = std::filesystem;

// The sweeps at and below `path`; run folders are not looked into.
void find_sweeps(const fs::path& path, std::vector<fs::path>& sweeps) {
  std::error_code ignored;
  if (fs::exists(path / "run.h5", ignored)) return;
  if (fs::exists(path / "sweep.yaml", ignored) && fs::exists(path / "journal", ignored)) {
    sweeps.push_back(path);
    return;
  }
  std::vector<fs::path> inner;
  for (fs::directory_iterator entry(path, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) && !entry->is_symlink(unknown)) inner.push_back(entry->path());
  }
  std::ranges::sort(inner);
  for (const fs::path& folder : inner) find_sweeps(folder, sweeps);
}

}  // namespace

std::vector<LostTrial> lost_trials(std::span<const std::string> paths) {
  std::vector<fs::path> sweeps;
  for (const std::string& path : paths) find_sweeps(path, sweeps);
  std::vector<LostTrial> lost;
  std::set<fs::path> seen;
  for (const fs::path& sweep : sweeps) {
    std::error_code ignored;
    if (!seen.insert(fs::canonical(sweep, ignored)).second) continue;
    for (auto& [name, trial] : ended_trials(sweep)) {
      const fs::path run = sweep / "trials" / name;
      if (!fs::exists(run / "run.h5", ignored)) lost.push_back({run, std::move(trial)});
    }
  }
  return lost;
}

}  // namespace duel
