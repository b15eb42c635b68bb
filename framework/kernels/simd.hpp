// SIMD batches as the kernels use them. For this room's sources only: what it means depends on the instruction set that
// they are compiled for.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <xsimd/xsimd.hpp>

namespace duel::simd {

template <class T>
using Batch = xsimd::batch<T>;

template <class T>
inline constexpr int64_t lanes = Batch<T>::size;

template <class T>
Batch<T> load(const T* from) {
  return Batch<T>::load_unaligned(from);
}

template <class T>
void store(T* to, Batch<T> value) {
  value.store_unaligned(to);
}

// The first `count` < lanes elements; the lanes beyond are 0. Nothing beyond is touched.
template <class T>
Batch<T> load_first(const T* from, int64_t count) {
#ifdef __AVX512F__
  const auto mask = static_cast<unsigned>((1u << count) - 1);
  if constexpr (sizeof(T) == 4) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from);
  } else {
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), from);
  }
#else
  alignas(64) T lane[lanes<T>] = {};
  std::memcpy(lane, from, static_cast<std::size_t>(count) * sizeof(T));
  return load(lane);
#endif
}

template <class T>
void store_first(T* to, Batch<T> value, int64_t count) {
#ifdef __AVX512F__
  const auto mask = static_cast<unsigned>((1u << count) - 1);
  if constexpr (sizeof(T) == 4) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>(mask), value);
  } else {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>(mask), value);
  }
#else
  alignas(64) T lane[lanes<T>];
  store(lane, value);
  std::memcpy(to, lane, static_cast<std::size_t>(count) * sizeof(T));
#endif
}

// a ≠ b, true where either is not a number: xsimd's own operator is false there on some instruction sets.
template <class T>
xsimd::batch_bool<T> differ(Batch<T> a, Batch<T> b) {
  return !(a == b);
}

// The hardware's max and min return their second operand where either is not a number; these return that one.
template <class T>
Batch<T> max(Batch<T> a, Batch<T> b) {
  return xsimd::select(differ(a, a), a, xsimd::max(a, b));
}

template <class T>
Batch<T> min(Batch<T> a, Batch<T> b) {
  return xsimd::select(differ(a, a), a, xsimd::min(a, b));
}

}  // namespace duel::simd
