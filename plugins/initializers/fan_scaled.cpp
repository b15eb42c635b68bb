// Initializers whose variance follows from the number of connections: a rule for the variance, under a uniform or a
// normal distribution.
#include <fmt/format.h>

#include <cmath>

#include "plugins/initializers/draws.hpp"
#include "plugins/initializers/initializers.hpp"

namespace duel {
namespace {

struct Glorot {
  static constexpr const char* formula = "2/(fan_in + fan_out)";
  static constexpr const char* reference = "Glorot and Bengio, Understanding the difficulty of training (2010)";
  static double variance(const Fans& fans) { return 2 / static_cast<double>(fans.in + fans.out); }
};

struct He {
  static constexpr const char* formula = "2/fan_in";
  static constexpr const char* reference = "He et al., Delving deep into rectifiers (2015)";
  static double variance(const Fans& fans) { return 2 / static_cast<double>(fans.in); }
};

struct Lecun {
  static constexpr const char* formula = "1/fan_in";
  static constexpr const char* reference = "LeCun et al., Efficient backprop (1998)";
  static double variance(const Fans& fans) { return 1 / static_cast<double>(fans.in); }
};

// The bounds are ±1/√fan_in, and a uniform distribution on ±b has the variance b²/3.
struct FanIn {
  static constexpr const char* formula = "1/(3·fan_in), so within ±1/√fan_in";
  static constexpr const char* reference = "PyTorch's default for weights and biases of linear and convolution layers";
  static double variance(const Fans& fans) { return 1 / (3 * static_cast<double>(fans.in)); }
};

template <class Rule>
struct FanUniform final : Initializer {
  double gain = 1;

  static void declare(Declaration<FanUniform>& d) {
    d.help(fmt::format("uniform around 0 with variance {}", Rule::formula));
    d.reference(Rule::reference);
    d.parameter("gain", &FanUniform::gain, "factor of the values").main().min(0);
  }
  void fill(std::span<double> values, const Shape&, const Fans& fans, RandomStream& random) const override {
    const double limit = gain * std::sqrt(3 * Rule::variance(fans));
    fill_uniform(values, -limit, limit, random);
  }
};

template <class Rule>
struct FanNormal final : Initializer {
  double gain = 1;
  bool truncated = true;

  static void declare(Declaration<FanNormal>& d) {
    d.help(fmt::format("normal around 0 with variance {}", Rule::formula));
    d.reference(Rule::reference);
    d.parameter("gain", &FanNormal::gain, "factor of the values").main().min(0);
    d.parameter("truncated", &FanNormal::truncated,
                "keep only ±2 standard deviations of a distribution 1/0.8796 as wide, so that the variance stays")
        .preset("true", "false");
  }
  void fill(std::span<double> values, const Shape&, const Fans& fans, RandomStream& random) const override {
    const double sigma = gain * std::sqrt(Rule::variance(fans));
    if (truncated) {
      fill_truncated_normal(values, 0, sigma / truncation_shrink, random);
    } else {
      fill_normal(values, 0, sigma, random);
    }
  }
};

}  // namespace

void add_fan_scaled(KindRegistry<Initializer>& initializers) {
  initializers.add<FanUniform<Glorot>>("glorot_uniform");
  initializers.add<FanNormal<Glorot>>("glorot_normal");
  initializers.add<FanUniform<He>>("he_uniform");
  initializers.add<FanNormal<He>>("he_normal");
  initializers.add<FanUniform<Lecun>>("lecun_uniform");
  initializers.add<FanNormal<Lecun>>("lecun_normal");
  initializers.add<FanUniform<FanIn>>("uniform_fan_in");
}

}  // namespace duel
