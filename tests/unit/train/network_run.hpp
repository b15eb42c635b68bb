// Outputs of networks whose weights come from files, by the engine, on inputs that a test gives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/op.hpp"
#include "model/step.hpp"
#include "train/weights.hpp"

namespace duel {

// An experiment with all plugins of the program; throws UserError with every problem.
Experiment experiment_of(const std::string& yaml);

class NetworkRun {
 public:
  // `expression` is computed in inference mode; data.FIELD in it are the rows of `data` of that name. Every variable
  // must start from `weights:`.
  NetworkRun(const Experiment& experiment, const std::string& expression, const std::map<std::string, HostTensor>& data,
             DType dtype);

  const HostTensor& output() const { return output_; }
  const std::vector<LoadedWeights>& loaded() const { return loaded_; }

 private:
  HostTensor output_;
  std::vector<LoadedWeights> loaded_;
};

}  // namespace duel
