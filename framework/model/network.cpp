#include "model/network.hpp"

#include <set>

#include "graph/op.hpp"

namespace duel {
namespace {

constexpr std::string_view weights_prefix = "networks/";
constexpr std::size_t most_layers = 10000;  // of one network; repeats within repeats could make more than fit anywhere

// What the layers of a network see of the call that they are emitted for.
class CallContext final : public LayerContext {
 public:
  CallContext(Graph& graph, VariableStarts& starts, const NetworkCall& call, int64_t batch,
              const std::map<std::string, Tensor>& pending, NetworkResult& result)
      : graph_(graph), starts_(starts), call_(call), batch_(batch), pending_(pending), result_(result) {}

  Graph& graph() override { return graph_; }
  Mode mode() const override { return call_.mode; }
  int64_t batch() const override { return batch_; }

  Tensor weight(const NewWeight& weight) override {
    const std::string original = variable_name(weight.name);
    const std::string variable = call_.average ? average_name(call_.network.name, original) : original;
    const std::string stream = weight.stream.empty() ? original : variable_name(weight.stream);
    if (!call_.average && known_.insert(variable).second) {
      result_.weights.push_back(variable);
      current().weights.push_back(variable);
      if (weight.axes == WeightAxes::kernel) current().matrices.push_back(variable);
    }
    VariableStart start{variable, weight.shape, weight.initializer, weight.fans, 0, stream};
    start.axes = weight.axes;
    return declare(std::move(start), original);
  }

  Tensor state(const std::string& name, const Shape& shape, double initial) override {
    const std::string variable = variable_name(name);
    const Tensor committed = declare({variable, shape, nullptr, {}, initial, variable}, variable);
    if (call_.mode == Mode::inference) return committed;
    const auto own = updates_.find(variable);  // by a layer before this one that shares it
    if (own != updates_.end()) return result_.updates[own->second].value;
    const auto found = pending_.find(variable);
    return found == pending_.end() ? committed : found->second;
  }

  void update_state(const std::string& name, const Tensor& value) override {
    DUEL_CHECK(call_.mode == Mode::train, "the layer {} updates state in inference mode", current().name);
    updates_[variable_name(name)] = result_.updates.size();
    result_.updates.push_back({variable_name(name), value});
  }

  std::optional<Tensor> standing_decay() override { return call_.standing_decay; }

  RandomSource random(const std::string& name) override {
    return call_.random(fmt::format("{}/{}/{}", call_.stream, call_.network.name, name));
  }

  Tensor number(const Schedule& schedule) override { return call_.number(schedule); }

  void begin(const LayerSpec& layer) override {
    if (result_.layers.size() >= most_layers) {
      throw ShapeError(fmt::format("the network has more than {} layers", most_layers));
    }
    EmittedLayer emitted;
    emitted.name = layer.name;
    emitted.kind = layer.kind;
    emitted.where = layer.where;
    emitted.depth = static_cast<int>(open_.size());
    if (layer.layer != nullptr) emitted.output_axis = layer.layer->output_axis();  // a part of a layer is none itself
    emitted.first_node = graph_.size();
    open_.push_back(result_.layers.size());
    result_.layers.push_back(std::move(emitted));
  }

  void end(const Tensor& output) override {
    EmittedLayer& emitted = current();
    emitted.output = output;
    emitted.last_node = graph_.size();
    open_.pop_back();
  }

 private:
  Tensor declare(VariableStart start, const std::string& original) {
    start.weights = call_.network.weights;
    start.network = call_.network.name;
    start.original = original;
    return starts_.declare(graph_, start, current().where);
  }

  // networks/NETWORK/dense_1/weight, or shared/SHARE/weight
  std::string variable_name(const std::string& name) const {
    return name.starts_with('/') ? name.substr(1) : fmt::format("{}{}/{}", weights_prefix, call_.network.name, name);
  }

  EmittedLayer& current() {
    DUEL_CHECK(!open_.empty(), "a weight is asked for outside of any layer");
    return result_.layers[open_.back()];
  }

  Graph& graph_;
  VariableStarts& starts_;
  const NetworkCall& call_;
  int64_t batch_;
  const std::map<std::string, Tensor>& pending_;
  NetworkResult& result_;
  std::vector<std::size_t> open_;               // the layer being emitted and those around it, in result_.layers
  std::set<std::string> known_;                 // weights
  std::map<std::string, std::size_t> updates_;  // the latest of each state, in result_.updates
};

}  // namespace

Tensor VariableStarts::declare(Graph& graph, const VariableStart& start, const Position& where) {
  const auto [known, is_new] = index_.emplace(start.name, starts_.size());
  if (is_new) {
    starts_.push_back(start);
    places_.push_back(where);
  } else if (starts_[known->second].shape != start.shape) {
    throw ShapeError(fmt::format("'{}' is shared and has the shape {} here, but {} at {}", start.name,
                                 to_string(start.shape), to_string(starts_[known->second].shape),
                                 to_string(places_[known->second])));
  } else if (starts_[known->second].weights == nullptr) {  // shared with a network whose weights are read
    starts_[known->second].weights = start.weights;
    starts_[known->second].network = start.network;
  }
  return Tensor(graph, graph.variable(start.name, start.shape));
}

std::string average_name(const std::string& network, const std::string& weight) {
  const std::string own = fmt::format("{}{}/", weights_prefix, network);
  const std::string rest = weight.starts_with(own) ? weight.substr(own.size()) : weight;
  return fmt::format("averages/{}/{}", network, rest);
}

void rethrow_at(const std::exception& error, const Position& where, const std::string& path) {
  throw UserError(ExitCode::experiment, Problem{where, path, error.what(), {}, {}});
}

NetworkResult emit_network(Graph& graph, VariableStarts& starts, const NetworkCall& call,
                           std::span<const Tensor> inputs, const std::map<std::string, Tensor>& pending) {
  const NetworkSpec& network = call.network;
  DUEL_CHECK(inputs.size() == network.inputs.size(), "{} inputs for {}", inputs.size(), network.name);
  NetworkResult result;
  CallContext context(graph, starts, call, inputs[0].shape()[0], pending, result);
  std::vector<std::pair<std::string, Tensor>> named;
  for (std::size_t i = 0; i < inputs.size(); ++i) named.emplace_back(network.inputs[i].first, inputs[i]);
  const LayersResult layers = build_layers(context, network.layers, named);
  result.value = layers.value;
  for (const std::string& output : network.outputs) result.outputs[output] = layers.named.at(output);
  return result;
}

}  // namespace duel
