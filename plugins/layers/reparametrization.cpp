// Layers around a layer that use its weights in another form. The layer notices nothing: it is given a context whose
// weights called "weight", and "bias" where that matters, are changed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"
#include "registry/layer_list.hpp"

namespace duel {
namespace {

class ChangedWeights : public LayerContextView {
 public:
  using LayerContext::weight;
  using LayerContextView::LayerContextView;

  Tensor weight(const NewWeight& weight) final {
    if (is_called(weight, "bias")) return change_bias(weight);
    if (!is_called(weight, "weight")) return inner_.weight(weight);
    ++changed_;
    const int axis = open_.empty() ? -1 : open_.back();
    return change(weight, axis < 0 ? axis + weight.shape.rank() : axis);
  }
  void begin(const LayerSpec& layer) final {
    open_.push_back(layer.layer == nullptr ? -1 : layer.layer->output_axis());
    inner_.begin(layer);
  }
  void end(const Tensor& output) final {
    open_.pop_back();
    inner_.end(output);
  }

  int64_t changed() const { return changed_; }

 protected:
  // The weight as the layer shall use it; its outputs lie along `axis`.
  virtual Tensor change(const NewWeight& weight, int axis) = 0;
  virtual Tensor change_bias(const NewWeight& bias) { return inner_.weight(bias); }

 private:
  static bool is_called(const NewWeight& weight, const std::string& name) {
    return weight.name == name || weight.name.ends_with("/" + name);
  }

  std::vector<int> open_;  // the output axes of the layers being emitted
  int64_t changed_ = 0;
};

struct Wrapper : Layer {
  LayerSpec layer;

  template <class Component>
  static void declare_layer(Declaration<Component>& d) {
    d.parameter("layer", &Wrapper::layer, "the layer, or several within one (residual, repeat, a block)").required();
  }

  std::vector<std::string> input_names() const override { return layer.layer->input_names(); }

 protected:
  Tensor build_with(std::string_view kind, ChangedWeights& context, std::span<const Tensor> inputs) const {
    const Tensor output = build_layer(context, layer, inputs);
    if (context.changed() == 0) throw ShapeError(fmt::format("{}: {} has no weight to change", kind, layer.kind));
    return output;
  }
};

// ── spectral norm ──────────────────────────────────────────────────────────────────────────────────────────────────
// [rest, outputs]
Tensor as_matrix(const Tensor& weight, int axis) {
  std::vector<int64_t> order;
  for (int i = 0; i < weight.rank(); ++i) {
    if (i != axis) order.push_back(i);
  }
  order.push_back(axis);
  const int64_t outputs = weight.shape()[axis];
  return reshape(permute(weight, order), {weight.shape().elements() / outputs, outputs});
}

Tensor unit_length(const Tensor& x, double epsilon) { return x * rsqrt(maximum(sum(square(x)), epsilon * epsilon)); }

struct SpectralNorm final : Wrapper {
  int64_t iterations = 1;
  double epsilon = 1e-12;

  static void declare(Declaration<SpectralNorm>& d) {
    d.help("a layer whose weight is divided by its largest singular value, as estimated by power iteration");
    d.reference("Miyato et al., Spectral normalization for GANs (2018)");
    declare_layer(d);
    d.parameter("iterations", &SpectralNorm::iterations, "of the power method in each training-mode call")
        .min(1)
        .max(100);
    d.parameter("epsilon", &SpectralNorm::epsilon, "least length that vectors are divided by").above(0);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    Context normalized(context, *this);
    return build_with("spectral_norm", normalized, inputs);
  }

 private:
  class Context final : public ChangedWeights {
   public:
    Context(LayerContext& inner, const SpectralNorm& layer) : ChangedWeights(inner), layer_(layer) {}

   protected:
    Tensor change(const NewWeight& asked, int axis) override {
      const Tensor weight = inner_.weight(asked);
      const Tensor matrix = as_matrix(weight, axis);
      const int64_t outputs = matrix.shape()[1];
      // A vector [outputs] that the matrix lengthens most. It begins with no direction preferred.
      const std::string name = asked.name + "_u";
      Tensor u = reshape(inner_.state(name, {outputs}, 1 / std::sqrt(static_cast<double>(outputs))), {outputs, 1});
      const Tensor fixed = stop_gradient(matrix);
      Tensor v = unit_length(matmul(fixed, u), layer_.epsilon);
      if (mode() == Mode::train) {
        for (int64_t i = 0; i < layer_.iterations; ++i) {
          if (i > 0) v = unit_length(matmul(fixed, u), layer_.epsilon);
          u = unit_length(matmul(fixed, v, true), layer_.epsilon);
        }
        inner_.update_state(name, reshape(u, {outputs}));
      }
      const Tensor largest = sum(v * matmul(matrix, u));  // its derivative is v·uᵀ: both vectors are held fixed
      return weight / maximum(largest, layer_.epsilon);
    }

   private:
    const SpectralNorm& layer_;
  };
};

// ── weight norm ────────────────────────────────────────────────────────────────────────────────────────────────────
// Calls `visit(element, output)` for each element of a weight and the index along its output axis.
template <class Visit>
void for_each_element(const Shape& shape, int axis, Visit&& visit) {
  const auto stride = static_cast<std::size_t>(row_major_strides(shape)[static_cast<std::size_t>(axis)]);
  const auto outputs = static_cast<std::size_t>(shape[axis]);
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.elements()); ++i) visit(i, i / stride % outputs);
}

// The length, for each output, of what another initializer fills a weight with.
class Lengths final : public Initializer {
 public:
  Lengths(NewWeight weight, int axis) : weight_(std::move(weight)), axis_(axis) {}

  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream& random) const override {
    std::vector<double> weight(static_cast<std::size_t>(weight_.shape.elements()));
    weight_.initializer->fill(weight, weight_.shape, weight_.fans, random);
    std::ranges::fill(values, 0.0);
    for_each_element(weight_.shape, axis_, [&](std::size_t element, std::size_t output) {
      values[output] += weight[element] * weight[element];
    });
    for (double& value : values) value = std::sqrt(value);
  }

 private:
  NewWeight weight_;
  int axis_;
};

struct WeightNorm final : Wrapper {
  static void declare(Declaration<WeightNorm>& d) {
    d.help("a layer whose weight is a trained length for each output times a trained direction");
    d.reference("Salimans and Kingma, Weight normalization (2016)");
    declare_layer(d);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    Context normalized(context);
    return build_with("weight_norm", normalized, inputs);
  }

 private:
  class Context final : public ChangedWeights {
   public:
    using ChangedWeights::ChangedWeights;

   protected:
    // Starts as the weight itself: the lengths are those of the direction's starting values.
    Tensor change(const NewWeight& asked, int axis) override {
      NewWeight vector = asked;
      vector.name = asked.name + "_v";
      const Tensor v = inner_.weight(vector);
      Shape lengths;
      std::vector<int64_t> others;
      for (int i = 0; i < asked.shape.rank(); ++i) {
        lengths.push_back(i == axis ? asked.shape[i] : 1);
        if (i != axis) others.push_back(i);
      }
      const auto start = std::make_shared<Lengths>(vector, axis);
      const Tensor g = inner_.weight({asked.name + "_g", {asked.shape[axis]}, start, asked.fans, vector.name});
      return v * (reshape(g, lengths) * rsqrt(maximum(sum(square(v), others, true), 1e-24)));
    }
  };
};

// ── equalized learning rate ────────────────────────────────────────────────────────────────────────────────────────
// What another initializer fills, times a factor.
class Multiplied final : public Initializer {
 public:
  Multiplied(std::shared_ptr<const Initializer> initializer, double factor)
      : initializer_(std::move(initializer)), factor_(factor) {}

  void fill(std::span<double> values, const Shape& shape, const Fans& fans, RandomStream& random) const override {
    initializer_->fill(values, shape, fans, random);
    for (double& value : values) value *= factor_;
  }

 private:
  std::shared_ptr<const Initializer> initializer_;
  double factor_;
};

struct Equalized final : Wrapper {
  double multiplier = 1;
  double gain = 1;
  std::shared_ptr<const Initializer> initializer;

  static void declare(Declaration<Equalized>& d) {
    d.help(
        "a layer whose weights start as N(0, 1) and are multiplied by gain/√fan_in when used, so that steps of Adam "
        "are "
        "as large beside each weight; the layer's own kernel_initializer has no effect");
    d.reference(
        "Karras et al., Progressive growing of GANs (2018), section 4.1; multiplier: A style-based generator "
        "architecture for GANs (2019), appendix C");
    declare_layer(d);
    d.parameter(
         "multiplier", &Equalized::multiplier,
         "learning rate of its weights and biases beside that of others: they start 1/multiplier times as large, "
         "and are multiplied by it when used")
        .above(0);
    d.parameter("gain", &Equalized::gain, "of what follows: √2 for relu").above(0);
    d.parameter("initializer", &Equalized::initializer, "what the weights start with").default_value("{normal: 1}");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    Context equalized(context, *this);
    return build_with("equalized", equalized, inputs);
  }

 private:
  class Context final : public ChangedWeights {
   public:
    Context(LayerContext& inner, const Equalized& layer) : ChangedWeights(inner), layer_(layer) {}

   protected:
    Tensor change(const NewWeight& asked, int) override {
      NewWeight wide = asked;
      wide.initializer = std::make_shared<Multiplied>(layer_.initializer, 1 / layer_.multiplier);
      const auto fan_in = static_cast<double>(std::max<int64_t>(1, asked.fans.in));
      return inner_.weight(wide) * (layer_.multiplier * layer_.gain / std::sqrt(fan_in));
    }
    Tensor change_bias(const NewWeight& asked) override {
      NewWeight wide = asked;
      wide.initializer = std::make_shared<Multiplied>(asked.initializer, 1 / layer_.multiplier);
      return inner_.weight(wide) * layer_.multiplier;
    }

   private:
    const Equalized& layer_;
  };
};

}  // namespace

void add_reparametrization(KindRegistry<Layer>& layers) {
  layers.add<SpectralNorm>("spectral_norm");
  layers.add<WeightNorm>("weight_norm");
  layers.add<Equalized>("equalized");
}

}  // namespace duel
