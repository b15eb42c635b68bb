// Emits every network, value, loss, metric and sample into scratch graphs, and collects what does not fit.
#pragma once

#include "model/step.hpp"

namespace duel {

// Adds a problem for each layer whose input shape it cannot take, each value or term that cannot be computed, each
// player whose loss depends on none of its weights. Parts that could not be read are passed over.
void check_experiment(const Experiment& experiment, const ModelOptions& options, Problems& problems);

// One row a layer of a network, for `duel show`. A layer that has others within it is followed by them; its own row
// tells of the rest.
struct LayerRow {
  std::string name;  // indented by how deep it lies
  std::string kind;
  Shape output;
  int64_t parameters = 0;
  double flops = 0;  // of the forward pass on one example
};
std::vector<LayerRow> layer_table(const NetworkSpec& network, DType dtype);

}  // namespace duel
