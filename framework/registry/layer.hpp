// The interface of layers: a layer declares parameters and emits ops; it writes no backward pass.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ops/ops.hpp"
#include "registry/initializer.hpp"
#include "registry/parameters.hpp"
#include "registry/schedule.hpp"

namespace duel {

enum class Mode { train, inference };

// What a layer may use while it is emitted; made by framework/model for one call of one network.
class LayerContext {
 public:
  virtual ~LayerContext() = default;
  virtual Graph& graph() = 0;
  virtual Mode mode() const = 0;
  // Rows of this call (the first extent of every input).
  virtual int64_t batch() const = 0;
  // A trained weight of this layer, in its present version. Names are unique within the layer ("weight", "bias").
  virtual Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer,
                        const Fans& fans) = 0;
  // State that is saved but not trained (a running mean), in its present version; starts as `initial` throughout.
  virtual Tensor state(const std::string& name, const Shape& shape, double initial) = 0;
  // The state's next value. Takes effect after the turn, once for each executed training-mode call. Inference-mode
  // calls must not ask for it.
  virtual void update_state(const std::string& name, const Tensor& value) = 0;
  // The stream of random numbers called `name` of this call and layer: distinct for distinct calls and turns.
  virtual RandomSource random(const std::string& name) = 0;
  // The schedule's present value as a scalar.
  virtual Tensor number(const Schedule& schedule) = 0;
};

class Layer {
 public:
  virtual ~Layer() = default;

  // Parameters that every layer has.
  std::string as;                 // a name by which later layers can refer to the output; also names its weights
  std::vector<std::string> from;  // inputs by name, instead of the layer before

  // Inputs have the batch as their first axis, as has the output. A shape that does not fit throws ShapeError.
  virtual Tensor build(LayerContext& context, std::span<const Tensor> inputs) const = 0;
  // Does it take any number of inputs (≥ 1)? All others take exactly one; the model checks.
  virtual bool takes_many() const { return false; }

  template <class Component>
  static void declare_common(Declaration<Component>& d) {
    d.parameter("as", &Component::as, "name of the output, for `from` of later layers and for its weights");
    d.parameter("from", &Component::from, "inputs by name, instead of the layer before");
  }
};

}  // namespace duel
