// Activations without weights: functions of each element, and softmax.
#include <cmath>
#include <numbers>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// e^x − 1 below 0, else 0. The exponent is held at 0 above it, so that it cannot overflow where it is not used.
Tensor exponential_part(const Tensor& x) { return exp(negative_part(x)) - 1; }

// A function without parameters.
template <class Rule>
struct Activation final : Layer {
  static void declare(Declaration<Activation>& d) { d.help(Rule::help); }
  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override { return Rule::apply(inputs[0]); }
};

struct Relu {
  static constexpr const char* help = "max(x, 0)";
  static Tensor apply(const Tensor& x) { return positive_part(x); }
};

struct Selu {
  static constexpr const char* help =
      "1.0507·(x above 0, 1.6733·(e^x − 1) below): keeps mean 0 and variance 1 "
      "(Klambauer et al. 2017; wants lecun_normal weights)";
  static constexpr double alpha = 1.6732632423543772848170429916717;
  static constexpr double scale = 1.0507009873554804934193349852946;
  static Tensor apply(const Tensor& x) { return (positive_part(x) + exponential_part(x) * alpha) * scale; }
};

struct Silu {
  static constexpr const char* help = "x·sigmoid(x), also called swish";
  static Tensor apply(const Tensor& x) { return x * sigmoid(x); }
};

struct Tanh {
  static constexpr const char* help = "hyperbolic tangent, in (−1, 1)";
  static Tensor apply(const Tensor& x) { return tanh(x); }
};

struct Sigmoid {
  static constexpr const char* help = "1/(1 + e^−x), in (0, 1)";
  static Tensor apply(const Tensor& x) { return sigmoid(x); }
};

struct Softplus {
  static constexpr const char* help = "log(1 + e^x)";
  static Tensor apply(const Tensor& x) { return softplus(x); }
};

struct LeakyRelu final : Layer {
  double slope = 0.3;

  static void declare(Declaration<LeakyRelu>& d) {
    d.help("x above 0, slope·x below");
    d.parameter("slope", &LeakyRelu::slope, "factor of negative inputs").preset("0.3", "0.01").main().min(0);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    return select(greater(x, 0), x, x * slope);
  }
};

struct Elu final : Layer {
  double alpha = 1;

  static void declare(Declaration<Elu>& d) {
    d.help("x above 0, alpha·(e^x − 1) below");
    d.reference("Clevert, Unterthiner and Hochreiter, Exponential linear units (2015)");
    d.parameter("alpha", &Elu::alpha, "minus the limit for very negative inputs").main().min(0);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    return positive_part(inputs[0]) + exponential_part(inputs[0]) * alpha;
  }
};

struct Gelu final : Layer {
  std::string approximate = "none";

  static void declare(Declaration<Gelu>& d) {
    d.help("x·Φ(x), Φ being the normal distribution function");
    d.reference("Hendrycks and Gimpel, Gaussian error linear units (2016)");
    d.parameter("approximate", &Gelu::approximate, "exact, or Φ by a tanh (section 2)").one_of({"none", "tanh"}).main();
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (approximate == "none") return 0.5 * x * (1 + erf(x * (1 / std::numbers::sqrt2)));
    const double root = std::sqrt(2 / std::numbers::pi);
    return 0.5 * x * (1 + tanh(root * (x + 0.044715 * (square(x) * x))));
  }
};

struct Softmax final : Layer {
  static void declare(Declaration<Softmax>& d) { d.help("e^x divided by its sum along the last axis"); }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    require_features("softmax", inputs[0]);
    return softmax(inputs[0]);
  }
};

}  // namespace

void add_activations(KindRegistry<Layer>& layers) {
  layers.add<Activation<Relu>>("relu");
  layers.add<Activation<Selu>>("selu");
  layers.add<Activation<Silu>>("silu");
  layers.add<Activation<Tanh>>("tanh");
  layers.add<Activation<Sigmoid>>("sigmoid");
  layers.add<Activation<Softplus>>("softplus");
  layers.add<LeakyRelu>("leaky_relu");
  layers.add<Elu>("elu");
  layers.add<Gelu>("gelu");
  layers.add<Softmax>("softmax");
}

}  // namespace duel
