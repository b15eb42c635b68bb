// Scores that were asked for after a training, beside its run.h5: a file each, in the folder `evaluations` of the run.
// See docs/run-folder.md.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "store/run_file.hpp"

namespace duel {

struct EvaluationFile {
  std::string name;
  int64_t step = 0;                           // of the weights that were scored
  std::string written;                        // when, as text
  std::map<std::string, StoredScore> scores;  // by metric; their records are kept whole
  bool operator==(const EvaluationFile&) const = default;
};

// NAME-step-000300.h5 in `folder`.
std::filesystem::path evaluation_path(const std::filesystem::path& folder, const std::string& name, int64_t step);

// Built as an HDF5 file in memory, then written atomically at `path`, or, if something is there already, under the
// first name that is free of -2, -3 …; so evaluations that end together keep all their scores. Returns where. Equal
// contents are equal bytes. Throws UserError(ExitCode::storage), and DUEL_CHECK for a name of a metric that the file
// cannot hold.
std::filesystem::path write_evaluation(const std::filesystem::path& path, const EvaluationFile& evaluation);

// Throws UserError(ExitCode::data) naming the file for anything else than such a file.
EvaluationFile read_evaluation(const std::filesystem::path& path);

}  // namespace duel
