// How tile programs fold a strip of values into a result. For this room's sources only.
#pragma once

#include <cstdint>

namespace duel {

// Folds values[rows][columns] with + or max.
//   fold_all      everything into one number
//   fold_rows     columns stay: result[columns]
//   fold_columns  rows stay: result[rows]
// `first`: the result is set; otherwise it is folded in as well. Sums run over several lanes, so that rounding errors
// do not grow with the number of values in a strip. A max that meets a value that is not a number is none.
enum class FoldShape : uint8_t { fold_all, fold_rows, fold_columns };

template <class T>
using FoldFunction = void (*)(T* result, const T* values, int64_t rows, int64_t columns, bool first);

template <class T>
FoldFunction<T> fold_function(FoldShape shape, bool is_max);

// result[i] = the fold of partials[p * stride + i] over p < pieces, for i < count: sums in double, in the order of p.
template <class T>
void combine_partials(T* result, const T* partials, int64_t pieces, int64_t stride, int64_t count, bool is_max);

}  // namespace duel
