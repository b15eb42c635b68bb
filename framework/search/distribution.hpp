// What one parameter of a sweep may be, and how likely each value is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "yaml/document.hpp"

namespace duel {

// A parameter's value: the number itself or, of a categorical one, the index of the value.
struct Distribution {
  enum class Kind {
    categorical,  // one of `values`
    uniform,      // between low and high
    log_uniform,  // its logarithm is uniform between those of low and high
    normal,       // of mean mu and standard deviation sigma
    log_normal    // its logarithm is that
  };
  Kind kind = Kind::categorical;
  std::vector<YamlNode> values;
  std::vector<double> probabilities;  // one a value; they sum to 1
  double low = 0, high = 0;           // of the uniform kinds; multiples of `step` where there is one
  double mu = 0, sigma = 1;           // of the normal kinds
  double step = 0;                    // values are multiples of it; 0: any number

  bool is_categorical() const { return kind == Kind::categorical; }
  bool is_normal() const { return kind == Kind::normal || kind == Kind::log_normal; }
  // How many values there are; none for infinitely many, or more than 10⁹.
  std::optional<int64_t> count() const;
  // Value number `index` of count(), in rising order.
  double at(int64_t index) const;
  double sample(RandomStream& stream) const;
  // As an override writes it: shortest YAML that reads back as the same.
  std::string text(double value) const;

  // The axis on which estimates of densities work. Uniform kinds: the value or its logarithm, with half a step added at
  // both ends, so that each multiple has an equal cell. Normal kinds: the share of the distribution below the value,
  // from 0 to 1, on which the distribution is uniform.
  struct Axis {
    double low = 0, high = 1;
  };
  Axis axis() const;
  double to_axis(double value) const;
  double from_axis(double position) const;  // rounded to the nearest value there is
  // The ends, on the axis, of the cell of positions that are rounded to `value`. Only with a step, uniform kinds.
  Axis cell(double value) const;
};

// The standard normal distribution's function and its inverse.
double normal_cdf(double x);
double normal_quantile(double share);  // of a share in (0, 1)

}  // namespace duel
