// What value functions and losses compute of each row of a batch.
#pragma once

#include <string_view>

#include "registry/value.hpp"

namespace duel {

// The derivative of the sum of `of` by `wrt`, of wrt's shape: each row's own gradient, as each row of a discriminator's
// output depends on its own row of input alone (batch normalisation apart). It can be differentiated again. `of` that
// is not computed from `wrt` is a UserError that begins with `who`, as the derivative would be 0 whatever the networks
// do.
Tensor row_gradients(ValueContext& context, const Expression& of, const Expression& wrt, std::string_view who);

// Σx² of each row, of shape [batch]. A single number, which has no rows, throws a ShapeError that begins with `who`.
Tensor row_squares(const Tensor& x, std::string_view who);

// √(Σx² + epsilon) of each row, of shape [batch]: the Euclidean length, whose derivative x/√(Σx² + epsilon) is 0 at
// x = 0 where epsilon > 0, and else has no limit there.
Tensor row_norms(const Tensor& x, double epsilon, std::string_view who);

// What row_norms is given unless the user says otherwise: far below the square of any length that matters, and a normal
// number in single precision.
inline constexpr double norm_epsilon = 1e-12;

}  // namespace duel
