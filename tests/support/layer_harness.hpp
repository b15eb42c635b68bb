// What framework/model does for a layer, for tests: components from one line of YAML, and a context to emit them in.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/op.hpp"
#include "registry/layer.hpp"
#include "registry/registry.hpp"

namespace duel {

// The component that `yaml` writes ("dense: {units: 3}"), its defaults those of the preset. Throws UserError with every
// problem.
template <class Interface>
std::shared_ptr<const Interface> read_component(const Registry& registry, const KindRegistry<Interface>& kinds,
                                                const std::string& yaml, Preset preset = Preset::keras) {
  Problems problems;
  ReadContext context{.registry = registry, .problems = problems, .path = kinds.noun(), .preset = preset};
  auto component = kinds.read(parse_yaml(yaml, "test"), context);
  problems.throw_if_any();
  return component;
}

// Weights and states become variables named as the layer names them. Updates of states are held back, as the model
// does it, until assign_updates().
class TestLayerContext final : public LayerContext {
 public:
  TestLayerContext(Graph& graph, Mode mode, int64_t batch, Clock clock = {})
      : graph_(graph), mode_(mode), batch_(batch), clock_(clock) {}

  Graph& graph() override { return graph_; }
  Mode mode() const override { return mode_; }
  int64_t batch() const override { return batch_; }
  using LayerContext::weight;
  Tensor weight(const NewWeight& weight) override;
  Tensor state(const std::string& name, const Shape& shape, double initial) override;
  void update_state(const std::string& name, const Tensor& value) override;
  RandomSource random(const std::string& name) override;
  Tensor number(const Schedule& schedule) override;

  void assign_updates();

  const std::vector<std::string>& weights() const { return weights_; }  // names in the order asked for
  const std::vector<std::string>& states() const { return states_; }
  // What weights (by their initializers) and states start with.
  const std::map<std::string, HostTensor>& starting_values() const { return starting_values_; }

 private:
  Graph& graph_;
  Mode mode_;
  int64_t batch_;
  Clock clock_;
  std::vector<std::string> weights_;
  std::vector<std::string> states_;
  std::map<std::string, HostTensor> starting_values_;
  std::map<std::string, Tensor> updates_;
};

}  // namespace duel
