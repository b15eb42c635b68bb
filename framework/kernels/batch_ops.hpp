// The instructions that are a few machine instructions each, on one batch. For this room's sources only.
#pragma once

#include "kernels/simd.hpp"
#include "ops/table.hpp"

namespace duel {

template <class T>
simd::Batch<T> truth(xsimd::batch_bool<T> condition) {
  return xsimd::select(condition, simd::Batch<T>(1), simd::Batch<T>(0));
}

template <class T, Elementwise op>
simd::Batch<T> unary(simd::Batch<T> a) {
  if constexpr (op == Elementwise::negate) return -a;
  if constexpr (op == Elementwise::square) return a * a;
  if constexpr (op == Elementwise::sqrt) return xsimd::sqrt(a);
  if constexpr (op == Elementwise::rsqrt) return simd::Batch<T>(1) / xsimd::sqrt(a);
  if constexpr (op == Elementwise::reciprocal) return simd::Batch<T>(1) / a;
  if constexpr (op == Elementwise::abs) return xsimd::abs(a);
  if constexpr (op == Elementwise::floor) return xsimd::floor(a);
  if constexpr (op == Elementwise::sign) {  // zeros and what is not a number stay
    return xsimd::select(a > simd::Batch<T>(0), simd::Batch<T>(1),
                         xsimd::select(a < simd::Batch<T>(0), simd::Batch<T>(-1), a));
  }
}

template <class T, Elementwise op>
simd::Batch<T> binary(simd::Batch<T> a, simd::Batch<T> b) {
  if constexpr (op == Elementwise::add) return a + b;
  if constexpr (op == Elementwise::subtract) return a - b;
  if constexpr (op == Elementwise::multiply) return a * b;
  if constexpr (op == Elementwise::divide) return a / b;
  if constexpr (op == Elementwise::maximum) return simd::max(a, b);
  if constexpr (op == Elementwise::minimum) return simd::min(a, b);
  if constexpr (op == Elementwise::greater) return truth<T>(a > b);
  if constexpr (op == Elementwise::greater_equal) return truth<T>(a >= b);
  if constexpr (op == Elementwise::less) return truth<T>(a < b);
  if constexpr (op == Elementwise::less_equal) return truth<T>(a <= b);
  if constexpr (op == Elementwise::equal) return truth<T>(a == b);
  if constexpr (op == Elementwise::not_equal) return truth<T>(simd::differ(a, b));
}

}  // namespace duel
