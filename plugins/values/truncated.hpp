// Normal numbers within bounds.
#pragma once

#include "ops/ops.hpp"

namespace duel {

// The inverse of erf on (−1, 1). A guess that is off by less than 2·10⁻³ (Winitzki 2008, A handy approximation for the
// error function and its inverse) and two steps of Halley's method, each of which leaves about the error's cube.
Tensor inverse_erf(const Tensor& x);

// Of numbers uniform in [0, 1) normal ones of mean 0 and deviation 1 on the condition that none is beyond ±bound, a
// positive scalar: √2·erf⁻¹((2u−1)·erf(bound/√2)). No bound reaches further than 5.3, beyond which 1 number in 10⁷
// lies.
Tensor truncated_normal(const Tensor& uniform, const Tensor& bound);

}  // namespace duel
