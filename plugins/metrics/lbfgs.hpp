// Minimises smooth functions of many variables.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace duel {

// The value at a point; writes the gradient, which has the size of the point.
using SmoothFunction = std::function<double(const std::vector<double>& point, std::vector<double>& gradient)>;

struct LbfgsLimits {
  int64_t iterations = 1000;  // steps, each of which evaluates the function once or a few times
  double slope = 1e-8;        // where the largest element of the gradient is no larger, the minimum is found
};

struct LbfgsMinimum {
  std::vector<double> point;
  double value = 0;
  double slope = 0;  // the largest element of the gradient
  int64_t iterations = 0;
  bool found = false;  // else the iterations are used up, or rounding allows no better point
};

// L-BFGS with the last 10 steps (Nocedal, Updating quasi-Newton matrices with limited storage, 1980). The line search
// doubles and bisects until the weak Wolfe conditions hold (Lewis and Overton, Nonsmooth optimization via quasi-Newton
// methods, 2013), where a value that is larger by rounding alone is no larger; a value that is not
// finite counts as too large. The function has finite values and gradients at the start and wherever its value is less.
// One thread, besides what the function uses; the same function gives the same bits.
LbfgsMinimum minimise(const SmoothFunction& function, std::vector<double> start, const LbfgsLimits& limits);

}  // namespace duel
