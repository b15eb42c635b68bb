#include "train/run_folder.hpp"

#include <algorithm>
#include <ranges>
#include <system_error>

#include "base/file.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

bool holds_temporaries_only(const fs::path& folder) {
  std::error_code unreadable;  // then writing to it says why
  return std::ranges::all_of(fs::directory_iterator(folder, unreadable), [](const fs::directory_entry& entry) {
    return is_temporary_name(entry.path().filename().string());
  });
}

// What a training makes before its run.h5.
bool is_of_a_start(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (name == "checkpoints" || name == "samples") return entry.is_directory() && holds_temporaries_only(entry.path());
  return name == "run.lock" || is_temporary_name(name);
}

}  // namespace

fs::path new_run_folder(const Experiment& experiment, const fs::path& asked) {
  if (!asked.empty()) return asked;
  return free_path(fs::path("runs") / experiment.name / fmt::format("{}-s{}", time_stamp(), experiment.seed));
}

void refuse_used_folder(const fs::path& folder) {
  if (fs::exists(folder / "run.h5")) {
    throw UserError(ExitCode::experiment, fmt::format("{} holds a run already", folder.string()),
                    fmt::format("resume it with 'duel resume {}', or choose another folder", folder.string()));
  }
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, unreadable)) {
    if (is_of_a_start(entry)) continue;
    throw UserError(
        ExitCode::experiment,
        fmt::format("{} is no run, and not empty: it holds {}", folder.string(), entry.path().filename().string()),
        "name a new folder, or an empty one");
  }
}

void sweep_run_folder(const fs::path& folder) {
  for (const fs::path& part : {folder / "checkpoints", folder / "samples", folder}) sweep_temporaries(part);
}

NewRunFolder::NewRunFolder(const fs::path& folder) {
  try {
    for (const char* part : {"checkpoints", "samples"}) {
      will_make(folder / part);
      create_folders(folder / part);
    }
    check_writable(folder);
    will_make(folder / "run.lock");
  } catch (...) {
    remove_made();
    throw;
  }
}

NewRunFolder::~NewRunFolder() { remove_made(); }

void NewRunFolder::remove_made() {
  std::error_code not_empty;  // someone else's, then
  for (const fs::path& path : std::views::reverse(made_)) fs::remove(path, not_empty);
}

void NewRunFolder::will_make(const fs::path& path) {
  if (path.empty() || fs::exists(path)) return;
  will_make(path.parent_path());
  made_.push_back(path);
}

}  // namespace duel
