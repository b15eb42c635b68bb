// What a network's `weights:` asks for: its weights and running statistics start from a run, a checkpoint or a
// safetensors file. Moving averages of these weights start from the same values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "model/step.hpp"

namespace duel {

// What was taken from one file.
struct LoadedWeights {
  std::string network;
  std::filesystem::path file;
  int64_t used = 0;                 // arrays of the file that a variable started from
  std::vector<std::string> unused;  // the network's other arrays in the file, by their names there

  // "the network g starts from 4 arrays of FILE, which has 2 more that it has no place for: a.b, …"
  std::string to_text() const;
};

// Gives those of a graph's variables that the store does not have yet, and whose network has `weights:`, their first
// values; one element of the result for each network that this concerned. Files are only opened where such a variable
// is there. Throws UserError at the experiment's `weights:` and naming the file: ExitCode::data for one that is missing
// or damaged, ExitCode::experiment for the first weight that is not in it or has another shape there.
std::vector<LoadedWeights> load_weights(std::span<const VariableStart> starts, DType dtype, VariableStore& variables);

}  // namespace duel
