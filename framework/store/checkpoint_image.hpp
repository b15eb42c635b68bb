// The bytes of a checkpoint: a 512-byte block with magic, format version and hash, then an HDF5 file. HDF5 works in
// memory alone, so a full disk is never its concern. Internal to store/; the layout stands in docs/run-folder.md.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/checkpoint.hpp"

namespace duel {

// A sound checkpoint of a format that this program does not know yet.
class NewerFormat : public UserError {
 public:
  using UserError::UserError;
};

// Equal states give equal bytes. `path` is named in errors (ExitCode::storage: memory is exhausted).
Bytes checkpoint_image(const std::filesystem::path& path, const CheckpointState& state);

// Throws UserError(ExitCode::data) naming `path`. HDF5 sees the bytes only after their hash was found right.
CheckpointState state_of_image(const std::filesystem::path& path, Bytes image);

}  // namespace duel
