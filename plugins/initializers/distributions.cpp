// Initializers that do not look at the weight's shape.
#include <algorithm>

#include "plugins/initializers/draws.hpp"
#include "plugins/initializers/initializers.hpp"

namespace duel {
namespace {

struct Zeros final : Initializer {
  static void declare(Declaration<Zeros>& d) { d.help("0"); }
  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream&) const override {
    std::ranges::fill(values, 0.0);
  }
};

struct Ones final : Initializer {
  static void declare(Declaration<Ones>& d) { d.help("1"); }
  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream&) const override {
    std::ranges::fill(values, 1.0);
  }
};

struct Constant final : Initializer {
  double value = 0;

  static void declare(Declaration<Constant>& d) {
    d.help("one number throughout");
    d.parameter("value", &Constant::value, "the number").required().main();
  }
  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream&) const override {
    std::ranges::fill(values, value);
  }
};

struct Normal final : Initializer {
  double mean = 0;
  double stddev = 0.05;

  static void declare(Declaration<Normal>& d) {
    d.help("normal distribution");
    d.parameter("stddev", &Normal::stddev, "standard deviation").preset("0.05", "1").main().min(0);
    d.parameter("mean", &Normal::mean, "mean");
  }
  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream& random) const override {
    fill_normal(values, mean, stddev, random);
  }
};

struct TruncatedNormal final : Initializer {
  double mean = 0;
  double stddev = 0.05;

  static void declare(Declaration<TruncatedNormal>& d) {
    d.help("normal distribution of which only mean ± 2·stddev is kept; what falls outside is drawn again");
    d.parameter("stddev", &TruncatedNormal::stddev,
                "standard deviation before truncation; that of the draws is 0.8796 times as large")
        .preset("0.05", "1")
        .main()
        .min(0);
    d.parameter("mean", &TruncatedNormal::mean, "mean");
  }
  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream& random) const override {
    fill_truncated_normal(values, mean, stddev, random);
  }
};

struct Uniform final : Initializer {
  double low = -0.05;
  double high = 0.05;

  static void declare(Declaration<Uniform>& d) {
    d.help("uniform distribution on [low, high)");
    d.parameter("low", &Uniform::low, "smallest value").preset("-0.05", "0");
    d.parameter("high", &Uniform::high, "bound that is not reached").preset("0.05", "1");
  }
  std::string conflict() const { return low > high ? "low is above high" : ""; }

  void fill(std::span<double> values, const Shape&, const Fans&, RandomStream& random) const override {
    fill_uniform(values, low, high, random);
  }
};

}  // namespace

void add_distributions(KindRegistry<Initializer>& initializers) {
  initializers.add<Zeros>("zeros");
  initializers.add<Ones>("ones");
  initializers.add<Constant>("constant");
  initializers.add<Normal>("normal");
  initializers.add<TruncatedNormal>("truncated_normal");
  initializers.add<Uniform>("uniform");
}

}  // namespace duel
