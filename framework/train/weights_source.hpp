// One opened run, checkpoint or safetensors file, as the weights of one network. For framework/train's own sources.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/step.hpp"

namespace duel {

class WeightsSource {
 public:
  virtual ~WeightsSource() = default;
  // The file that is read: of a run, the checkpoint.
  virtual const std::filesystem::path& file() const = 0;
  // The network's arrays in the file, by their names there, sorted.
  virtual std::vector<std::string> names() const = 0;
  // The name there of what the variable starts from. Throws UserError(ExitCode::experiment) naming both shapes when
  // there is none of the variable's shape.
  virtual std::string name_of(const VariableStart& start) const = 0;
  // Its values in the order of the variable's shape.
  virtual std::vector<double> read(const VariableStart& start) const = 0;
};

// Throws UserError(ExitCode::data) naming what is missing: the file, or the checkpoint in the run's folder. Reads no
// file.
void require_weights(const WeightsSpec& weights);

// Throws the same, and for a file that is damaged.
std::unique_ptr<WeightsSource> open_weights(const WeightsSpec& weights);

}  // namespace duel
