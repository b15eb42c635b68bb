// Functions that are made of polynomials. This file is compiled with contraction to fused multiply-adds (see
// CMakeLists.txt): faster and more accurate for these, where no rounding of a product has a meaning of its own.
#include <limits>

#include "base/error.hpp"
#include "kernels/instructions.hpp"

namespace duel {
namespace {

using E = Elementwise;
using simd::Batch;

template <class T>
Batch<T> sigmoid(Batch<T> x) {
  const Batch<T> tail = xsimd::exp(-xsimd::abs(x));
  const Batch<T> one(1);
  return xsimd::select(x < Batch<T>(0), tail, one) / (one + tail);
}

template <class T>
Batch<T> softplus(Batch<T> x) {
  return xsimd::select(x < Batch<T>(0), Batch<T>(0), x) + xsimd::log1p(xsimd::exp(-xsimd::abs(x)));
}

// As std::pow has it, also where a base is 0 or an exponent infinite; xsimd's own does not.
Batch<double> power(Batch<double> base, Batch<double> exponent) {
  using B = Batch<double>;
  const B zero(0), one(1), infinity(std::numeric_limits<double>::infinity());
  const B magnitude = xsimd::abs(base);
  const auto whole = xsimd::floor(exponent) == exponent;
  const auto odd =
      whole && xsimd::abs(exponent) < B(0x1p53) && simd::differ(xsimd::floor(exponent * B(0.5)) * B(2), exponent);
  const auto negative = base < zero || (base == zero && one / base < zero);
  B value = xsimd::select(magnitude == one, one, xsimd::exp(exponent * xsimd::log(magnitude)));
  value = xsimd::select(odd && negative, -value, value);
  const auto undefined = base < zero && magnitude < infinity && !whole;
  value = xsimd::select(undefined, B(std::numeric_limits<double>::quiet_NaN()), value);
  return xsimd::select(exponent == zero || base == one, one, value);
}

// By way of double: an error of one unit in the exponent's product is 70 in a large power.
Batch<float> power(Batch<float> base, Batch<float> exponent) {
  constexpr int64_t lanes = simd::lanes<float>;
  float single[3][lanes];
  double x[2][lanes];
  simd::store(single[0], base);
  simd::store(single[1], exponent);
  for (int64_t i = 0; i < lanes; ++i) {
    x[0][i] = single[0][i];
    x[1][i] = single[1][i];
  }
  for (int64_t i = 0; i < lanes; i += simd::lanes<double>) {
    simd::store(x[0] + i, power(simd::load(x[0] + i), simd::load(x[1] + i)));
  }
  for (int64_t i = 0; i < lanes; ++i) single[2][i] = static_cast<float>(x[0][i]);
  return simd::load(single[2]);
}

template <class T, class Function>
void unary(T* out, const Source<T>* sources, int64_t count, Function function) {
  for_each_batch<T, 1>(out, sources, count, function);
}

template <class T, E op>
void run(T* out, const Source<T>* sources, int64_t count) {
  if constexpr (op == E::exp) unary(out, sources, count, [](Batch<T> a) { return xsimd::exp(a); });
  if constexpr (op == E::log) unary(out, sources, count, [](Batch<T> a) { return xsimd::log(a); });
  if constexpr (op == E::log1p) unary(out, sources, count, [](Batch<T> a) { return xsimd::log1p(a); });
  if constexpr (op == E::tanh) unary(out, sources, count, [](Batch<T> a) { return xsimd::tanh(a); });
  if constexpr (op == E::sigmoid) unary(out, sources, count, [](Batch<T> a) { return sigmoid(a); });
  if constexpr (op == E::softplus) unary(out, sources, count, [](Batch<T> a) { return softplus(a); });
  if constexpr (op == E::erf) unary(out, sources, count, [](Batch<T> a) { return xsimd::erf(a); });
  if constexpr (op == E::sin) unary(out, sources, count, [](Batch<T> a) { return xsimd::sin(a); });
  if constexpr (op == E::cos) unary(out, sources, count, [](Batch<T> a) { return xsimd::cos(a); });
  if constexpr (op == E::power) {
    for_each_batch<T, 2>(out, sources, count, [](Batch<T> a, Batch<T> b) { return power(a, b); });
  }
}

}  // namespace

template <class T>
InstructionFunction<T> transcendental_function(Elementwise op) {
  switch (op) {
    case E::exp:
      return run<T, E::exp>;
    case E::log:
      return run<T, E::log>;
    case E::log1p:
      return run<T, E::log1p>;
    case E::tanh:
      return run<T, E::tanh>;
    case E::sigmoid:
      return run<T, E::sigmoid>;
    case E::softplus:
      return run<T, E::softplus>;
    case E::erf:
      return run<T, E::erf>;
    case E::sin:
      return run<T, E::sin>;
    case E::cos:
      return run<T, E::cos>;
    case E::power:
      return run<T, E::power>;
    default:
      DUEL_CHECK(false, "{} is not transcendental", op_of(op).name);
  }
}

template InstructionFunction<float> transcendental_function<float>(Elementwise);
template InstructionFunction<double> transcendental_function<double>(Elementwise);

}  // namespace duel
