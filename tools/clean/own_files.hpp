// The files that duel itself writes into the folder of a run: nothing else is ever removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace duel {

struct RunFiles {
  std::vector<std::filesystem::path> own;
  std::vector<std::filesystem::path> temporary;  // left by processes that are gone
  std::vector<std::filesystem::path> foreign;    // all else, links among them; folders as a whole
};

// Of the folder and of its folders for checkpoints, samples and evaluations. Sorted. Throws UserError(ExitCode::data)
// for what cannot be listed.
RunFiles files_of_run(const std::filesystem::path& folder);

// The folders in which those files lie, the run's own last: what to remove once they are empty.
std::vector<std::filesystem::path> folders_of_run(const std::filesystem::path& folder);

// Bytes on the disk; 0 for what is not there.
uint64_t size_of(const std::filesystem::path& file);

}  // namespace duel
