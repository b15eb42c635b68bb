// What a file that a user names may take the place of.
#pragma once

#include <filesystem>

namespace duel {

enum class OutputKind {
  page,        // HTML
  picture,     // PNG
  numpy,       // NPY
  values,      // HDF5 with the dataset `values` alone
  statistics,  // what read_statistics reads
};

// Call it before work that would be lost. Throws UserError(ExitCode::experiment) where `file` belongs to a run, being a
// run.h5 or lying in the folders `checkpoints`, `evaluations` or `samples` of a run, and where something else stands
// there than an empty file or one of this kind.
void refuse_overwrite(const std::filesystem::path& file, OutputKind kind);

}  // namespace duel
