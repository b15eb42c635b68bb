// Emits one call of a network into a graph. For framework/model's own sources.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/step.hpp"

namespace duel {

// What the variables of a graph start with, each once.
class VariableStarts {
 public:
  // Declares `start.name` in the graph if that is new, and returns its latest version.
  Tensor declare(Graph& graph, const VariableStart& start);
  const std::vector<VariableStart>& all() const { return starts_; }

 private:
  std::vector<VariableStart> starts_;
  std::map<std::string, std::size_t> index_;
};

// A new value of a running statistic that a training-mode call computed.
struct StateUpdate {
  std::string variable;
  Tensor value;
};

struct NetworkCall {
  const NetworkSpec& network;
  bool average = false;  // use the moving average of the weights
  Mode mode = Mode::train;
  std::string stream;  // tells this call's random streams from others'
  std::function<RandomSource(const std::string& name)> random;
  std::function<Tensor(const Schedule& schedule)> number;
};

struct NetworkResult {
  Tensor value;                                             // of the last layer
  std::map<std::string, Tensor> outputs;                    // the named ones
  std::vector<StateUpdate> updates;                         // in layer order
  std::vector<std::string> weights;                         // names of the trained variables, in layer order
  std::vector<std::pair<const LayerSpec*, Tensor>> layers;  // each layer's output
};

// Throws UserError at the layer whose input it cannot take; all inputs have the batch as first axis. `pending` holds
// statistics that earlier training-mode calls of the turn have updated but not yet assigned.
NetworkResult emit_network(Graph& graph, VariableStarts& starts, const NetworkCall& call,
                           std::span<const Tensor> inputs, const std::map<std::string, Tensor>& pending);

// "layer: what; remedy" with the layer's place, from the message of a shape rule.
[[noreturn]] void rethrow_at(const std::exception& error, const Position& where, const std::string& path);

}  // namespace duel
