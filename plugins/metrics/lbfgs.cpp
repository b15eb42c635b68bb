#include "plugins/metrics/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <optional>

#include "base/error.hpp"

namespace duel {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// a + scale·b
Vector sum(const Vector& a, double scale, const Vector& b) {
  Vector out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] + scale * b[i];
  return out;
}

void add(Vector& a, double scale, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += scale * b[i];
}

double largest(const Vector& gradient) {
  double out = 0;
  for (const double element : gradient) out = std::max(out, std::abs(element));
  return out;
}

// An approximation of the inverse Hessian by the last steps.
class Curvature {
 public:
  // −H·gradient, by the two loops of the paper.
  Vector direction(const Vector& gradient) const {
    Vector out = gradient;
    std::vector<double> shares(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      shares[i] = dot(pairs_[i].step, out) / pairs_[i].product;
      add(out, -shares[i], pairs_[i].change);
    }
    // Before anything is known of the curvature, a step of at most length 1.
    double scale = 1 / std::max(1.0, std::sqrt(dot(gradient, gradient)));
    if (!pairs_.empty()) scale = pairs_.back().product / dot(pairs_.back().change, pairs_.back().change);
    for (double& element : out) element *= scale;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      add(out, shares[i] - dot(pairs_[i].change, out) / pairs_[i].product, pairs_[i].step);
    }
    for (double& element : out) element = -element;
    return out;
  }

  void learn(Vector step, Vector change) {
    const double product = dot(step, change);
    if (!(product > 0)) return;  // rounding ate it: it says nothing
    if (pairs_.size() == memory) pairs_.pop_front();
    pairs_.push_back({std::move(step), std::move(change), product});
  }

 private:
  static constexpr std::size_t memory = 10;
  struct Pair {
    Vector step;
    Vector change;  // of the gradient
    double product;
  };
  std::deque<Pair> pairs_;
};

// A point and what the function gives there.
struct Iterate {
  Vector point;
  Vector gradient;
  double value = 0;
};

// A place along the direction where the weak Wolfe conditions hold, or none.
std::optional<Iterate> search_line(const SmoothFunction& function, const Iterate& from, const Vector& direction) {
  constexpr double sufficient = 1e-4, flat = 0.9;
  constexpr int most_trials = 60;
  const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(from.value);
  const double descent = dot(from.gradient, direction);
  if (!(descent < 0)) return std::nullopt;
  double low = 0, high = std::numeric_limits<double>::infinity(), step = 1;
  Iterate to;
  to.gradient.resize(from.point.size());
  for (int trial = 0; trial < most_trials; ++trial) {
    to.point = sum(from.point, step, direction);
    to.value = function(to.point, to.gradient);
    if (!(to.value <= from.value + sufficient * step * descent + rounding)) {
      high = step;
    } else if (dot(to.gradient, direction) < flat * descent) {
      low = step;
    } else {
      return to;
    }
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
  return std::nullopt;
}

}  // namespace

LbfgsMinimum minimise(const SmoothFunction& function, std::vector<double> start, const LbfgsLimits& limits) {
  Iterate place{std::move(start), {}, 0};
  place.gradient.resize(place.point.size());
  place.value = function(place.point, place.gradient);
  DUEL_CHECK(std::isfinite(place.value), "a value of {} at the start", place.value);
  Curvature curvature;
  int64_t iterations = 0;
  for (; iterations < limits.iterations && largest(place.gradient) > limits.slope; ++iterations) {
    std::optional<Iterate> next = search_line(function, place, curvature.direction(place.gradient));
    if (!next) break;
    curvature.learn(sum(next->point, -1, place.point), sum(next->gradient, -1, place.gradient));
    place = std::move(*next);
  }
  const double slope = largest(place.gradient);
  return {std::move(place.point), place.value, slope, iterations, slope <= limits.slope};
}

}  // namespace duel
