// The folder of a run that is about to begin. For framework/train's own sources.
#pragma once

#include <filesystem>
#include <vector>

#include "spec/experiment.hpp"

namespace duel {

// `asked`, or where it is empty runs/<name>/<time>-s<seed>, with a number behind it when that exists already.
std::filesystem::path new_run_folder(const Experiment& experiment, const std::filesystem::path& asked);

// Throws UserError(ExitCode::experiment) for a folder that holds a run, or anything else but what a training leaves
// that was killed before it had a run.h5.
void refuse_used_folder(const std::filesystem::path& folder);

// Removes what killed processes left half written. The caller has the folder's lock.
void sweep_run_folder(const std::filesystem::path& folder);

// The folder with its subfolders. What was not there before is gone again at the end, unless it is kept: a training
// that could not begin leaves nothing behind.
class NewRunFolder {
 public:
  // Throws UserError(ExitCode::storage) when it cannot be made or written.
  explicit NewRunFolder(const std::filesystem::path& folder);
  ~NewRunFolder();
  NewRunFolder(const NewRunFolder&) = delete;
  NewRunFolder& operator=(const NewRunFolder&) = delete;

  void keep() { made_.clear(); }

 private:
  void remove_made();
  // Remembers `path`, and those above it, where they are not there yet.
  void will_make(const std::filesystem::path& path);

  std::vector<std::filesystem::path> made_;  // outer ones first
};

}  // namespace duel
