// Checkpoints: everything needed to go on, each written whole or not at all. See docs/run-folder.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/dtype.hpp"
#include "base/shape.hpp"

namespace duel {

struct StoredArray {
  Shape shape;
  DType dtype = DType::float32;
  std::vector<std::byte> bytes;  // row-major, native order
  bool operator==(const StoredArray&) const = default;
};

// A plain record. Arrays are named by their path in the file: networks/generator/dense_1/weight,
// optimizers/generator/dense_1/weight/m, averages/….
struct CheckpointState {
  std::map<std::string, StoredArray> arrays;
  std::map<std::string, int64_t> counters;   // step, total_steps, batches, attempt
  std::map<std::string, double> numbers;     // epoch
  std::map<std::string, std::string> texts;  // data: its hash
  bool operator==(const CheckpointState&) const = default;

  // Throw UserError(ExitCode::data) when there is none of that name.
  int64_t counter(const std::string& name) const;
  double number(const std::string& name) const;
};

// "step-000300.h5" in `folder`: built as an HDF5 image in memory, its SHA-256 in a 512-byte user block in front, then
// written atomically. Equal states are equal bytes. Returns the path.
std::filesystem::path write_checkpoint(const std::filesystem::path& folder, int64_t step, const CheckpointState& state);

// Verifies the hash, then reads. Throws UserError(ExitCode::data) naming the file for a flipped, truncated or foreign
// one.
CheckpointState read_checkpoint(const std::filesystem::path& file);

struct LoadedCheckpoint {
  std::filesystem::path file;
  CheckpointState state;
  std::vector<std::string> warnings;  // of newer ones that were damaged and passed over
};
// The newest checkpoint of the folder that is sound; nothing when there is none at all; throws when all are damaged.
std::optional<LoadedCheckpoint> load_newest_checkpoint(const std::filesystem::path& folder);

// Steps of the checkpoints in the folder, ascending.
std::vector<int64_t> checkpoint_steps(const std::filesystem::path& folder);
std::filesystem::path checkpoint_path(const std::filesystem::path& folder, int64_t step);
// Deletes all but the newest `keep` (≥ 1) and those in `also_keep`.
void prune_checkpoints(const std::filesystem::path& folder, int64_t keep, const std::vector<int64_t>& also_keep = {});

}  // namespace duel
