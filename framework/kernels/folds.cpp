#include "kernels/folds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/simd.hpp"

namespace duel {
namespace {

using simd::Batch;

struct Sum {
  template <class T>
  static Batch<T> fold(Batch<T> a, Batch<T> b) {
    return a + b;
  }
  template <class T>
  static T fold(T a, T b) {
    return a + b;
  }
  template <class T>
  static constexpr T neutral() {
    return 0;
  }
};

struct Max {
  template <class T>
  static Batch<T> fold(Batch<T> a, Batch<T> b) {
    return simd::max(a, b);
  }
  template <class T>
  static T fold(T a, T b) {
    return a > b || std::isnan(a) ? a : b;
  }
  template <class T>
  static constexpr T neutral() {
    return -std::numeric_limits<T>::infinity();
  }
};

template <class F, class T>
T across_lanes(Batch<T> value) {
  T lane[simd::lanes<T>];
  simd::store(lane, value);
  for (int64_t width = simd::lanes<T> / 2; width > 0; width /= 2) {
    for (int64_t i = 0; i < width; ++i) lane[i] = F::fold(lane[i], lane[i + width]);
  }
  return lane[0];
}

template <class F, class T>
T fold_run(const T* values, int64_t count) {
  constexpr int64_t lanes = simd::lanes<T>;
  T rest = F::template neutral<T>();
  int64_t i = 0;
  if (count >= lanes) {
    Batch<T> part[4] = {F::template neutral<T>(), F::template neutral<T>(), F::template neutral<T>(),
                        F::template neutral<T>()};
    for (; i + 4 * lanes <= count; i += 4 * lanes) {
      for (int64_t k = 0; k < 4; ++k) part[k] = F::fold(part[k], simd::load(values + i + k * lanes));
    }
    for (; i + lanes <= count; i += lanes) part[0] = F::fold(part[0], simd::load(values + i));
    rest = across_lanes<F>(F::fold(F::fold(part[0], part[1]), F::fold(part[2], part[3])));
  }
  for (; i < count; ++i) rest = F::fold(rest, values[i]);
  return rest;
}

template <class F, class T>
void settle(T& result, T value, bool first) {
  result = first ? value : F::fold(result, value);
}

template <class F, class T>
void fold_all(T* result, const T* values, int64_t rows, int64_t columns, bool first) {
  settle<F>(*result, fold_run<F>(values, rows * columns), first);
}

template <class F, class T>
void fold_columns(T* result, const T* values, int64_t rows, int64_t columns, bool first) {
  for (int64_t row = 0; row < rows; ++row) {
    settle<F>(result[row], fold_run<F>(values + row * columns, columns), first);
  }
}

// Up to this many columns, rows are read as one run of batches whose pattern repeats after `columns` batches.
constexpr int64_t few_columns = 8;

template <class F, class T>
void fold_rows_of_few(T* result, const T* values, int64_t rows, int64_t columns, bool first) {
  constexpr int64_t lanes = simd::lanes<T>;
  T folded[few_columns * lanes];
  const int64_t period = columns * lanes;  // elements: `lanes` rows
  const int64_t count = rows * columns;
  int64_t done = 0;
  if (count >= period) {
    Batch<T> part[few_columns];
    for (int64_t k = 0; k < columns; ++k) part[k] = simd::load(values + k * lanes);
    for (done = period; done + period <= count; done += period) {
      for (int64_t k = 0; k < columns; ++k) part[k] = F::fold(part[k], simd::load(values + done + k * lanes));
    }
    for (int64_t k = 0; k < columns; ++k) simd::store(folded + k * lanes, part[k]);
    for (int64_t half = lanes / 2; half > 0; half /= 2) {
      for (int64_t i = 0; i < half * columns; ++i) folded[i] = F::fold(folded[i], folded[i + half * columns]);
    }
  } else {
    std::fill_n(folded, columns, F::template neutral<T>());
  }
  for (; done < count; done += columns) {
    for (int64_t k = 0; k < columns; ++k) folded[k] = F::fold(folded[k], values[done + k]);
  }
  for (int64_t k = 0; k < columns; ++k) settle<F>(result[k], folded[k], first);
}

template <class F, class T>
void fold_rows(T* result, const T* values, int64_t rows, int64_t columns, bool first) {
  constexpr int64_t lanes = simd::lanes<T>;
  if (columns <= few_columns && rows > 1) return fold_rows_of_few<F>(result, values, rows, columns, first);
  int64_t column = 0;
  for (; column + lanes <= columns; column += lanes) {
    Batch<T> folded = simd::load(values + column);
    for (int64_t row = 1; row < rows; ++row) folded = F::fold(folded, simd::load(values + row * columns + column));
    simd::store(result + column, first ? folded : F::fold(simd::load(result + column), folded));
  }
  if (const int64_t left = columns - column; left > 0) {
    Batch<T> folded = simd::load_first(values + column, left);
    for (int64_t row = 1; row < rows; ++row) {
      folded = F::fold(folded, simd::load_first(values + row * columns + column, left));
    }
    if (!first) folded = F::fold(simd::load_first(result + column, left), folded);
    simd::store_first(result + column, folded, left);
  }
}

template <class T, class F>
FoldFunction<T> function_for(FoldShape shape) {
  switch (shape) {
    case FoldShape::fold_all:
      return fold_all<F, T>;
    case FoldShape::fold_rows:
      return fold_rows<F, T>;
    default:
      return fold_columns<F, T>;
  }
}

template <class T, class Wide, class F>
void combine(T* result, const T* partials, int64_t pieces, int64_t stride, int64_t count) {
  constexpr int64_t block = 256;
  Wide folded[block];
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t size = std::min(block, count - begin);
    for (int64_t i = 0; i < size; ++i) folded[i] = partials[begin + i];
    for (int64_t piece = 1; piece < pieces; ++piece) {
      const T* part = partials + piece * stride + begin;
      for (int64_t i = 0; i < size; ++i) folded[i] = F::fold(folded[i], static_cast<Wide>(part[i]));
    }
    for (int64_t i = 0; i < size; ++i) result[begin + i] = static_cast<T>(folded[i]);
  }
}

}  // namespace

template <class T>
FoldFunction<T> fold_function(FoldShape shape, bool is_max) {
  return is_max ? function_for<T, Max>(shape) : function_for<T, Sum>(shape);
}

template <class T>
void combine_partials(T* result, const T* partials, int64_t pieces, int64_t stride, int64_t count, bool is_max) {
  if (is_max) {
    combine<T, T, Max>(result, partials, pieces, stride, count);
  } else {
    combine<T, double, Sum>(result, partials, pieces, stride, count);
  }
}

template FoldFunction<float> fold_function<float>(FoldShape, bool);
template FoldFunction<double> fold_function<double>(FoldShape, bool);
template void combine_partials<float>(float*, const float*, int64_t, int64_t, int64_t, bool);
template void combine_partials<double>(double*, const double*, int64_t, int64_t, int64_t, bool);

}  // namespace duel
