// What a prediction is compared with.
#pragma once

#include <string_view>

#include "ops/ops.hpp"

namespace duel {

// `target` in the shape that `prediction` has: a single number is repeated, and axes of extent 1 do not count ([64]
// fits [64, 1]). Any other difference throws ShapeError, for NumPy's rule would quietly compare each row with each
// other row.
Tensor match_shape(std::string_view loss, const Tensor& target, const Tensor& prediction);

}  // namespace duel
