#include "model/network.hpp"

#include "graph/op.hpp"

namespace duel {
namespace {

std::string variable_name(const NetworkSpec& network, const LayerSpec& layer, const std::string& weight) {
  return fmt::format("networks/{}/{}/{}", network.name, layer.name, weight);
}

// What a layer sees of the call that it is emitted for.
class CallLayerContext final : public LayerContext {
 public:
  CallLayerContext(Graph& graph, VariableStarts& starts, const NetworkCall& call, const LayerSpec& layer, int64_t batch,
                   const std::map<std::string, Tensor>& pending, NetworkResult& result)
      : graph_(graph), starts_(starts), call_(call), layer_(layer), batch_(batch), pending_(pending), result_(result) {}

  Graph& graph() override { return graph_; }
  Mode mode() const override { return call_.mode; }
  int64_t batch() const override { return batch_; }

  Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer,
                const Fans& fans) override {
    const std::string original = variable_name(call_.network, layer_, name);
    // The layer owns the initializer and outlives the graph's use of it: the alias keeps the layer alive.
    const std::shared_ptr<const Initializer> shared(layer_.layer, &initializer);
    const std::string variable = call_.average ? average_name(original) : original;
    if (!call_.average) result_.weights.push_back(variable);
    return starts_.declare(graph_, {variable, shape, shared, fans, 0, original});
  }

  Tensor state(const std::string& name, const Shape& shape, double initial) override {
    const std::string variable = variable_name(call_.network, layer_, name);
    const Tensor committed = starts_.declare(graph_, {variable, shape, nullptr, {}, initial, variable});
    if (call_.mode == Mode::inference) return committed;
    const auto found = pending_.find(variable);
    return found == pending_.end() ? committed : found->second;
  }

  void update_state(const std::string& name, const Tensor& value) override {
    DUEL_CHECK(call_.mode == Mode::train, "the layer {} updates state in inference mode", layer_.name);
    result_.updates.push_back({variable_name(call_.network, layer_, name), value});
  }

  RandomSource random(const std::string& name) override {
    return call_.random(fmt::format("{}/{}/{}/{}", call_.stream, call_.network.name, layer_.name, name));
  }

  Tensor number(const Schedule& schedule) override { return call_.number(schedule); }

 private:
  static std::string average_name(const std::string& original) { return "averages" + original.substr(8); }

  Graph& graph_;
  VariableStarts& starts_;
  const NetworkCall& call_;
  const LayerSpec& layer_;
  int64_t batch_;
  const std::map<std::string, Tensor>& pending_;
  NetworkResult& result_;
};

std::vector<Tensor> layer_inputs(const LayerSpec& layer, const std::map<std::string, Tensor>& named, Tensor previous) {
  if (layer.layer->from.empty()) return {previous};
  std::vector<Tensor> inputs;
  for (const std::string& source : layer.layer->from) inputs.push_back(named.at(source));
  return inputs;
}

}  // namespace

Tensor VariableStarts::declare(Graph& graph, const VariableStart& start) {
  if (index_.emplace(start.name, starts_.size()).second) starts_.push_back(start);
  return Tensor(graph, graph.variable(start.name, start.shape));
}

void rethrow_at(const std::exception& error, const Position& where, const std::string& path) {
  throw UserError(ExitCode::experiment, Problem{where, path, error.what(), {}, {}});
}

NetworkResult emit_network(Graph& graph, VariableStarts& starts, const NetworkCall& call,
                           std::span<const Tensor> inputs, const std::map<std::string, Tensor>& pending) {
  const NetworkSpec& network = call.network;
  DUEL_CHECK(inputs.size() == network.inputs.size(), "{} inputs for {}", inputs.size(), network.name);
  NetworkResult result;
  std::map<std::string, Tensor> named;
  for (std::size_t i = 0; i < inputs.size(); ++i) named[network.inputs[i].first] = inputs[i];
  Tensor previous = inputs[0];
  for (const LayerSpec& layer : network.layers) {
    const std::vector<Tensor> sources = layer_inputs(layer, named, previous);
    if (sources.size() > 1 && !layer.layer->takes_many()) {
      throw UserError(ExitCode::experiment,
                      Problem{layer.where,
                              layer.path,
                              fmt::format("{} takes one input, {} are given", layer.kind, sources.size()),
                              "join them first with concat, add or multiply",
                              {}});
    }
    CallLayerContext context(graph, starts, call, layer, inputs[0].shape()[0], pending, result);
    try {
      previous = layer.layer->build(context, sources);
    } catch (const ShapeError& error) {
      rethrow_at(error, layer.where, layer.path);
    }
    named[layer.name] = previous;
    result.layers.emplace_back(&layer, previous);
  }
  result.value = previous;
  for (const std::string& output : network.outputs) result.outputs[output] = named.at(output);
  return result;
}

}  // namespace duel
