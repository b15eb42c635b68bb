// Lists of layers: a network's, and those within layers (residual, repeat, blocks, wrappers).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "registry/layer.hpp"

namespace duel {

// A layer at its place.
struct LayerSpec {
  std::string kind;
  std::string name;  // unique in its list: `as`, or kind_1, kind_2, …
  std::shared_ptr<const Layer> layer;
  Position where;
  std::string path;  // networks.generator.layers[3]
};

// One layer that is written as a parameter of another and stands in its place: it has no `as`, `from` or `share`.
DUEL_PARAMETER_TYPE(LayerSpec)
// A list whose first layer takes what the layer around it is given; `from` calls that "input".
DUEL_PARAMETER_TYPE(std::vector<LayerSpec>)

// Reads a list of layers into `out`; those that cannot be read are left out after a problem, and false is returned.
// `inputs` are the names that `from` may use besides those of earlier layers. Kinds are those of the registry and the
// context's blocks.
bool read_layers(std::vector<LayerSpec>& out, const YamlNode& node, ReadContext& context,
                 std::span<const std::string> inputs);

struct LayersResult {
  Tensor value;                         // of the last layer
  std::map<std::string, Tensor> named;  // every layer's output, and the inputs
};

// Emits the layers one after another; the first takes the first input unless `from` says otherwise. Weights are those
// of `context`, below each layer's name. A layer that does not fit is a UserError at its place.
LayersResult build_layers(LayerContext& context, std::span<const LayerSpec> layers,
                          std::span<const std::pair<std::string, Tensor>> inputs);
// The same for a list within a layer.
Tensor build_layers(LayerContext& context, std::span<const LayerSpec> layers, const Tensor& input);
// Emits one layer, which uses `context` as its own.
Tensor build_layer(LayerContext& context, const LayerSpec& layer, std::span<const Tensor> inputs);

// Another context, seen through: a base for those that change a part of it. The other must outlive it.
class LayerContextView : public LayerContext {
 public:
  explicit LayerContextView(LayerContext& inner) : inner_(inner) {}
  Graph& graph() override { return inner_.graph(); }
  Mode mode() const override { return inner_.mode(); }
  int64_t batch() const override { return inner_.batch(); }
  using LayerContext::weight;
  Tensor weight(const NewWeight& weight) override { return inner_.weight(weight); }
  Tensor state(const std::string& name, const Shape& shape, double initial) override {
    return inner_.state(name, shape, initial);
  }
  void update_state(const std::string& name, const Tensor& value) override { inner_.update_state(name, value); }
  std::optional<Tensor> standing_decay() override { return inner_.standing_decay(); }
  RandomSource random(const std::string& name) override { return inner_.random(name); }
  Tensor number(const Schedule& schedule) override { return inner_.number(schedule); }
  void begin(const LayerSpec& layer) override { inner_.begin(layer); }
  void end(const Tensor& output) override { inner_.end(output); }

 protected:
  LayerContext& inner_;
};

// The context of a part: its names stand below `name`, but those of weights and states below /shared/`share` if it has
// one.
class PartContext final : public LayerContextView {
 public:
  PartContext(LayerContext& whole, std::string name, const std::string& share = {});
  using LayerContext::weight;
  Tensor weight(const NewWeight& weight) override;
  Tensor state(const std::string& name, const Shape& shape, double initial) override;
  void update_state(const std::string& name, const Tensor& value) override;
  RandomSource random(const std::string& name) override;

 private:
  std::string variable(const std::string& name) const;

  std::string name_;
  std::string variables_;  // what names of weights and states stand below
};

}  // namespace duel
