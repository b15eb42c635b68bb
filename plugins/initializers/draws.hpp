// Draws that several initializers share.
#pragma once

#include <span>

#include "base/random.hpp"

namespace duel {

// In [mean − 2σ, mean + 2σ], by drawing again what falls outside. Its standard deviation is truncation_shrink·σ.
void fill_truncated_normal(std::span<double> values, double mean, double sigma, RandomStream& random);
void fill_normal(std::span<double> values, double mean, double sigma, RandomStream& random);
void fill_uniform(std::span<double> values, double low, double high, RandomStream& random);

// √(1 − 2·2φ(2)/(2Φ(2) − 1)), φ and Φ being the normal density and distribution.
inline constexpr double truncation_shrink = 0.87962566103423978;

}  // namespace duel
