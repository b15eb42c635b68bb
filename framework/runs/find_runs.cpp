#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.hpp"
#include "runs/run_entry.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "run.h5", ignored);
}

// Folders that cannot be listed hold no runs that could be read. Links to folders are not followed: they may lead back.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) folders.push_back(entry->path());
  }
  std::ranges::sort(folders);
  return folders;
}

void collect_runs(const fs::path& folder, std::vector<fs::path>& runs) {
  if (is_run(folder)) {
    runs.push_back(folder);
    return;
  }
  for (const fs::path& inner : folders_in(folder)) collect_runs(inner, runs);
}

// Runs of several paths, each once, however they were named.
class FoundRuns {
 public:
  void add(const std::vector<fs::path>& found) {
    for (const fs::path& run : found) {
      std::error_code error;
      const fs::path canonical = fs::canonical(run, error);
      if (seen_.insert(error ? run : canonical).second) runs_.push_back(run);
    }
  }
  std::vector<fs::path> take() { return std::move(runs_); }

 private:
  std::vector<fs::path> runs_;
  std::set<fs::path> seen_;
};

std::vector<fs::path> runs_in(const fs::path& path) {
  std::vector<fs::path> found;
  collect_runs(path, found);
  return found;
}

}  // namespace

std::vector<fs::path> find_runs(std::span<const fs::path> paths) {
  FoundRuns runs;
  for (const fs::path& path : paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      throw UserError(ExitCode::experiment,
                      fmt::format("{} is {}", path.string(), fs::exists(path, ignored) ? "no folder" : "not there"),
                      "name folders of runs, or folders that hold some");
    }
    const std::vector<fs::path> found = runs_in(path);
    if (found.empty()) {
      throw UserError(ExitCode::experiment, fmt::format("{} holds no run", path.string()),
                      "name folders of runs, or folders that hold some: a run has a run.h5");
    }
    runs.add(found);
  }
  return runs.take();
}

std::vector<fs::path> runs_found_in(std::span<const fs::path> paths) {
  FoundRuns runs;
  for (const fs::path& path : paths) runs.add(runs_in(path));
  return runs.take();
}

std::vector<RunEntry> read_runs(std::span<const std::string> paths) {
  const std::vector<fs::path> folders(paths.begin(), paths.end());
  std::vector<RunEntry> runs;
  for (const fs::path& folder : find_runs(folders)) runs.push_back(read_run_entry(folder));
  return runs;
}

}  // namespace duel
