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

NewRunFolder::NewRunFolder(const Experiment& experiment, const fs::path& asked) {
  try {
    make_locked(experiment, asked);
    refuse_used_folder(path_);  // another training may have begun, and ended, since it was looked at
    make_parts();
  } catch (...) {
    remove_made();
    throw;
  }
}

NewRunFolder::~NewRunFolder() { remove_made(); }

FileLock NewRunFolder::keep() {
  made_.clear();
  return std::move(lock_).value();
}

void NewRunFolder::make_locked(const Experiment& experiment, const fs::path& asked) {
  constexpr int attempts = 20;
  for (int attempt = 1; !lock_; ++attempt) {
    try {
      const std::vector<fs::path> made = asked.empty()
                                             ? create_new_folder(fs::path("runs") / experiment.name /
                                                                 fmt::format("{}-s{}", time_stamp(), experiment.seed))
                                             : create_folders(asked);
      made_.insert(made_.end(), made.begin(), made.end());
      path_ = asked.empty() ? made.back() : asked;
      const bool is_old = fs::exists(path_ / "run.lock");
      lock_.emplace(path_ / "run.lock");
      if (!is_old) made_.push_back(path_ / "run.lock");
    } catch (const UserError& error) {
      // A training that could not begin may take away again the folders that it has made, and this one stood in them.
      if (error.code() != ExitCode::storage || attempt == attempts || fs::exists(path_)) throw;
    }
  }
}

void NewRunFolder::make_parts() {
  for (const char* part : {"checkpoints", "samples"}) {
    for (const fs::path& made : create_folders(path_ / part)) made_.push_back(made);
  }
  check_writable(path_);
}

void NewRunFolder::remove_made() {
  std::error_code not_empty;  // someone else's, then
  for (const fs::path& path : std::views::reverse(made_)) fs::remove(path, not_empty);
}

}  // namespace duel
