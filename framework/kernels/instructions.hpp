// The instructions of tile programs: each runs one function over a strip of elements that lie in L1. For this room's
// sources only.
#pragma once

#include <cstdint>
#include <utility>

#include "kernels/simd.hpp"
#include "ops/table.hpp"

namespace duel {

// What an instruction reads: as many elements as the strip has, or one batch of a repeated number.
template <class T>
struct Source {
  const T* data = nullptr;
  int64_t step = 0;  // elements from one batch to the next: simd::lanes<T>, or 0 for a repeated number
};

// Computes out[0 … count). `out` may be one of the sources.
template <class T>
using InstructionFunction = void (*)(T* out, const Source<T>* sources, int64_t count);

template <class T>
InstructionFunction<T> instruction_function(Elementwise op);

template <class T>
InstructionFunction<T> copy_function();

// About how long an instruction takes by an element, an addition being 1.
int instruction_cost(Elementwise op);

// For instructions.cpp: those made of polynomials, which are compiled apart (transcendental.cpp).
template <class T>
InstructionFunction<T> transcendental_function(Elementwise op);

// Runs `function` on batches over a strip.
template <class T, int arity, class Function>
void for_each_batch(T* out, const Source<T>* sources, int64_t count, Function function) {
  using simd::load, simd::load_first, simd::store, simd::store_first;
  constexpr int64_t lanes = simd::lanes<T>;
  // The next strip lies behind this one, most often. Fetching it while this one is computed takes half of the time off
  // an optimizer's update of megabytes, and costs programs that fit the cache a few percent.
  constexpr int to_l2 = 2;
  const auto run = [&]<std::size_t... k>(std::index_sequence<k...>) {
    const T* from[] = {sources[k].data...};
    const int64_t steps[] = {sources[k].step...};
    int64_t left = count;
    for (; left >= lanes; left -= lanes, out += lanes) {
      (__builtin_prefetch(from[k] + count, 0, to_l2), ...);
      store(out, function(load(from[k])...));
      ((from[k] += steps[k]), ...);
    }
    if (left > 0) store_first(out, function(load_first(from[k], left)...), left);
  };
  run(std::make_index_sequence<arity>());
}

}  // namespace duel
