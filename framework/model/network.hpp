// Emits one call of a network into a graph. For framework/model's own sources.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/step.hpp"

namespace duel {

// What the variables of a graph start with, each once.
class VariableStarts {
 public:
  // Declares `start.name` in the graph if that is new, and returns its latest version. Throws ShapeError when it is
  // there with another shape: layers that share it do not agree. `where`: of the layer that asks, for that message.
  Tensor declare(Graph& graph, const VariableStart& start, const Position& where = {});
  const std::vector<VariableStart>& all() const { return starts_; }
  const VariableStart& find(const std::string& name) const { return starts_[index_.at(name)]; }

 private:
  std::vector<VariableStart> starts_;
  std::vector<Position> places_;  // of the layers that declared them
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
  std::optional<Tensor> standing_decay = {};  // where running statistics are averaged over passes
};

// A layer as it was emitted, those within layers included.
struct EmittedLayer {
  std::string name;
  std::string kind;
  Position where;
  int depth = 0;  // 0: of the network's own list; the layers within one follow it
  Tensor output;
  std::size_t first_node = 0;         // of those added to the graph meanwhile
  std::size_t last_node = 0;          // one after the last
  std::vector<std::string> weights;   // that it asked for itself, and no layer before it
  std::vector<std::string> matrices;  // those of them that rows are multiplied by (WeightAxes::kernel),
  int output_axis = -1;               // and along which of their axes its outputs lie
};

// The variable that holds the moving average, for that network, of one of its weights.
std::string average_name(const std::string& network, const std::string& weight);

struct NetworkResult {
  Tensor value;                           // of the last layer
  std::map<std::string, Tensor> outputs;  // the named ones
  std::vector<StateUpdate> updates;       // in layer order
  std::vector<std::string> weights;       // names of the trained variables, in layer order, each once
  std::vector<EmittedLayer> layers;       // in order, each before those within it
};

// Throws UserError at the layer whose input it cannot take; all inputs have the batch as first axis. `pending` holds
// statistics that earlier training-mode calls of the turn have updated but not yet assigned.
NetworkResult emit_network(Graph& graph, VariableStarts& starts, const NetworkCall& call,
                           std::span<const Tensor> inputs, const std::map<std::string, Tensor>& pending);

// "layer: what; remedy" with the layer's place, from the message of a shape rule.
[[noreturn]] void rethrow_at(const std::exception& error, const Position& where, const std::string& path);

}  // namespace duel
