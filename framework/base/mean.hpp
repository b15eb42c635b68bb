// The mean of some numbers and how sure it is.
#pragma once

#include <optional>
#include <span>

namespace duel {

struct MeanWithError {
  double mean = 0;
  std::optional<double> standard_error;  // the standard deviation of the mean (n - 1 in the variance); of at least two
};
// Of at least one number.
MeanWithError mean_with_error(std::span<const double> values);

}  // namespace duel
