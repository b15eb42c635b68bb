// Half-precision numbers of files.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace duel {

// IEEE 754 binary16: a sign, 5 bits of exponent with a bias of 15, 10 bits of fraction. Exact, as float32 holds them
// all.
inline float half_of_bits(uint16_t bits) {
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  if (exponent == 0x1f) {
    return fraction == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

}  // namespace duel
