#include "kernels/instructions.hpp"

#include <array>
#include <utility>

#include "base/error.hpp"
#include "kernels/batch_ops.hpp"

namespace duel {
namespace {

using E = Elementwise;
using simd::Batch;

constexpr auto count_of_ops = static_cast<std::size_t>(E::count);

constexpr bool is_unary(E op) {
  return op == E::negate || op == E::square || op == E::sqrt || op == E::rsqrt || op == E::reciprocal || op == E::abs ||
         op == E::floor || op == E::sign;
}

constexpr bool is_binary(E op) {
  return (op >= E::add && op <= E::minimum) || (op >= E::greater && op <= E::not_equal);
}

template <class T, E op>
void run(T* out, const Source<T>* sources, int64_t count) {
  if constexpr (is_unary(op)) {
    for_each_batch<T, 1>(out, sources, count, [](Batch<T> a) { return unary<T, op>(a); });
  } else if constexpr (is_binary(op)) {
    for_each_batch<T, 2>(out, sources, count, [](Batch<T> a, Batch<T> b) { return binary<T, op>(a, b); });
  } else {
    static_assert(op == E::select);
    for_each_batch<T, 3>(out, sources, count, [](Batch<T> condition, Batch<T> a, Batch<T> b) {
      return xsimd::select(simd::differ(condition, Batch<T>(0)), a, b);
    });
  }
}

template <class T, std::size_t index>
InstructionFunction<T> function_at() {
  constexpr E op = static_cast<E>(index);
  if constexpr (is_unary(op) || is_binary(op) || op == E::select) {
    return run<T, op>;
  } else {
    return transcendental_function<T>(op);
  }
}

template <class T, std::size_t... index>
std::array<InstructionFunction<T>, count_of_ops> make_table(std::index_sequence<index...>) {
  return {function_at<T, index>()...};
}

}  // namespace

template <class T>
InstructionFunction<T> instruction_function(Elementwise op) {
  static const auto table = make_table<T>(std::make_index_sequence<count_of_ops>());
  DUEL_CHECK(op < E::count, "no instruction {}", static_cast<int>(op));
  return table[static_cast<std::size_t>(op)];
}

template <class T>
InstructionFunction<T> copy_function() {
  return [](T* out, const Source<T>* sources, int64_t count) {
    for_each_batch<T, 1>(out, sources, count, [](Batch<T> a) { return a; });
  };
}

int instruction_cost(Elementwise op) {
  switch (op) {
    case E::divide:
    case E::sqrt:
    case E::reciprocal:
      return 4;
    case E::rsqrt:
      return 8;
    case E::exp:
    case E::log:
    case E::tanh:
    case E::sigmoid:
    case E::sin:
    case E::cos:
      return 10;
    case E::log1p:
    case E::softplus:
    case E::erf:
    case E::power:
      return 20;
    default:
      return 1;
  }
}

template InstructionFunction<float> instruction_function<float>(Elementwise);
template InstructionFunction<double> instruction_function<double>(Elementwise);
template InstructionFunction<float> copy_function<float>();
template InstructionFunction<double> copy_function<double>();

}  // namespace duel
