#include "search/distribution.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

#include "base/text.hpp"

namespace duel {
namespace {

bool is_logarithmic(const Distribution& distribution) {
  return distribution.kind == Distribution::Kind::log_uniform || distribution.kind == Distribution::Kind::log_normal;
}

// Rounded, and within the bounds.
double on_grid(const Distribution& distribution, double value) {
  if (distribution.step > 0) value = std::round(value / distribution.step) * distribution.step;
  if (distribution.is_normal()) return value;
  return std::clamp(value, distribution.low, distribution.high);
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_quantile(double share) { return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * share); }

std::optional<int64_t> Distribution::count() const {
  if (is_categorical()) return static_cast<int64_t>(values.size());
  if (is_normal() || step == 0) return low == high && !is_normal() ? std::optional<int64_t>(1) : std::nullopt;
  const double steps = std::round((high - low) / step);
  return steps < 1e9 ? std::optional(static_cast<int64_t>(steps) + 1) : std::nullopt;
}

double Distribution::at(int64_t index) const {
  if (is_categorical()) return static_cast<double>(index);
  return on_grid(*this, low + static_cast<double>(index) * step);
}

double Distribution::sample(RandomStream& stream) const {
  const double share = (static_cast<double>(stream.bits()) + 0.5) / 4294967296.0;  // never 0, never 1
  if (is_categorical()) {
    double below = 0;
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      below += probabilities[i];
      if (share < below) return static_cast<double>(i);
    }
    return static_cast<double>(values.size() - 1);
  }
  const Axis ends = axis();
  return from_axis(ends.low + share * (ends.high - ends.low));
}

std::string Distribution::text(double value) const {
  if (is_categorical()) return to_line(values.at(static_cast<std::size_t>(value)));
  // 3 steps of 0.0008 are 0.0024 as written, not the nearest sum of binary fractions.
  if (step > 0) return format_number(parse_float(fmt::format("{:.12g}", value)).value_or(value));
  return format_number(value);
}

Distribution::Axis Distribution::axis() const {
  if (is_normal()) return {0, 1};
  const double half = step / 2;
  return is_logarithmic(*this) ? Axis{std::log(low - half), std::log(high + half)} : Axis{low - half, high + half};
}

double Distribution::to_axis(double value) const {
  const double linear = is_logarithmic(*this) ? std::log(value) : value;
  return is_normal() ? normal_cdf((linear - mu) / sigma) : linear;
}

double Distribution::from_axis(double position) const {
  const double linear = is_normal() ? mu + sigma * normal_quantile(std::clamp(position, 1e-12, 1 - 1e-12)) : position;
  return on_grid(*this, is_logarithmic(*this) ? std::exp(linear) : linear);
}

Distribution::Axis Distribution::cell(double value) const {
  return {to_axis(value - step / 2), to_axis(value + step / 2)};
}

}  // namespace duel
