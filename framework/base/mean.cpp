#include "base/mean.hpp"

#include <cmath>

#include "base/error.hpp"

namespace duel {

MeanWithError mean_with_error(std::span<const double> values) {
  DUEL_CHECK(!values.empty(), "the mean of no numbers");
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  if (values.size() < 2) return {mean, std::nullopt};
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace duel
