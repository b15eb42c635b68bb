// The folder of a run that is about to begin. For framework/train's own sources.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/file.hpp"
#include "spec/experiment.hpp"

namespace duel {

// Throws UserError(ExitCode::experiment) for a folder that holds a run, or anything else but what a training leaves
// that was killed before it had a run.h5.
void refuse_used_folder(const std::filesystem::path& folder);

// Removes what killed processes left half written. The caller has the folder's lock.
void sweep_run_folder(const std::filesystem::path& folder);

// The folder with its subfolders, and its lock. What this has made is gone again at the end, unless it is kept: a
// training that could not begin leaves nothing behind. What stands within the folder is made and removed by whoever
// holds the lock alone, so that of several trainings that begin at once one has all that it needs.
class NewRunFolder {
 public:
  // `asked`, or where it is empty runs/<name>/<time>-s<seed>, with a number behind it where another training has that
  // name. Throws UserError: what refuse_used_folder does, and ExitCode::in_use or ExitCode::storage.
  NewRunFolder(const Experiment& experiment, const std::filesystem::path& asked);
  ~NewRunFolder();
  NewRunFolder(const NewRunFolder&) = delete;
  NewRunFolder& operator=(const NewRunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The folder stays, and its lock is the caller's.
  FileLock keep();

 private:
  void make_locked(const Experiment& experiment, const std::filesystem::path& asked);
  void make_parts();
  void remove_made();

  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;  // outer ones first
  std::optional<FileLock> lock_;
};

}  // namespace duel
