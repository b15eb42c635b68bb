// The interface of layers: a layer declares parameters and emits ops; it writes no backward pass.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/ops.hpp"
#include "registry/initializer.hpp"
#include "registry/parameters.hpp"
#include "registry/schedule.hpp"

namespace duel {

enum class Mode { train, inference };

struct LayerSpec;

// How the axes of a weight lie: what other libraries lay out otherwise can then be read.
enum class WeightAxes : uint8_t {
  kernel,   // window…, inputs, outputs; of a transposed convolution: window…, outputs, inputs
  example,  // as an example's: pixels…, channels; also numbers and scalars, which have no order
  table,    // in the same order everywhere
};

// A trained weight that a layer asks for.
struct NewWeight {
  std::string name;  // unique within the layer: "weight", "bias"
  Shape shape;
  std::shared_ptr<const Initializer> initializer;
  Fans fans;
  std::string stream = {};  // name of the weight whose random numbers the initializer is given, if not its own
  WeightAxes axes = WeightAxes::example;
};

// What a layer may use while it is emitted; made by framework/model for one call of one network. Layers within layers
// have contexts of their own, made of the outer one's (registry/layer_list.hpp). The name of a weight or state that
// begins with / is its whole path, which is how weights are shared; all others stand below the layer's path.
class LayerContext {
 public:
  virtual ~LayerContext() = default;
  virtual Graph& graph() = 0;
  virtual Mode mode() const = 0;
  // Rows of this call (the first extent of every input).
  virtual int64_t batch() const = 0;
  // The weight in its present version.
  virtual Tensor weight(const NewWeight& weight) = 0;
  Tensor weight(const std::string& name, const Shape& shape, const std::shared_ptr<const Initializer>& initializer,
                const Fans& fans, WeightAxes axes = WeightAxes::example) {
    return weight(NewWeight{name, shape, initializer, fans, {}, axes});
  }
  // State that is saved but not trained (a running mean), in its present version; starts as `initial` throughout.
  virtual Tensor state(const std::string& name, const Shape& shape, double initial) = 0;
  // The state's next value. Takes effect after the turn, once for each executed training-mode call. Inference-mode
  // calls must not ask for it.
  virtual void update_state(const std::string& name, const Tensor& value) = 0;
  // Where running statistics are averaged over passes (standing statistics): the weight of the old value, to be taken
  // in place of the layer's own. Else nothing.
  virtual std::optional<Tensor> standing_decay() { return std::nullopt; }
  // The stream of random numbers called `name` of this call and layer: distinct for distinct calls and turns.
  virtual RandomSource random(const std::string& name) = 0;
  // The schedule's present value as a scalar.
  virtual Tensor number(const Schedule& schedule) = 0;
  // Around the emission of each layer within this context, with its output: for tables and messages.
  virtual void begin(const LayerSpec&) {}
  virtual void end(const Tensor&) {}
};

class Layer {
 public:
  virtual ~Layer() = default;

  // Parameters that every layer has.
  std::string as;                 // a name by which later layers can refer to the output; also names its weights
  std::vector<std::string> from;  // inputs by name, instead of the layer before
  std::string share;              // layers of the same share have the same weights and states, across networks too

  // Inputs have the batch as their first axis, as has the output. A shape that does not fit throws ShapeError.
  virtual Tensor build(LayerContext& context, std::span<const Tensor> inputs) const = 0;
  // What it takes, in the order of `from`, as messages call it: {"x", "condition"}. Empty: one or more inputs, all
  // alike. build() is given so many.
  virtual std::vector<std::string> input_names() const { return {"x"}; }
  // The axis of its weights called "weight" along which its outputs lie.
  virtual int output_axis() const { return -1; }

  template <class Component>
  static void declare_common(Declaration<Component>& d) {
    d.parameter("as", &Component::as, "name of the output, for `from` of later layers and for its weights");
    d.parameter("from", &Component::from, "inputs by name, instead of the layer before");
    d.parameter("share", &Component::share, "layers that name the same share have the same weights and statistics");
  }
};

}  // namespace duel
