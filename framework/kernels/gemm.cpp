// Matrix products by OpenBLAS, in one thread a tile. Every element is computed whole within one tile, in an order that
// its place in the output and the shape fix.
//
// Where OpenBLAS has them, its kernels for small products are used throughout: they read their operands in place,
// take no lock and no buffer, and reach nearly the peak, where packing costs the usual path a fifth at the batch sizes
// of training. (Measured on Zen 4, 64 × 1024 × 512: 116 GF/s in blocks of 24 × 64, 94 GF/s in one call.)
#include "kernels/gemm.hpp"

#include <cblas.h>

#include <algorithm>

#include "kernels/blas.hpp"
#include "kernels/division.hpp"

namespace duel {
namespace {

void gemm(CBLAS_TRANSPOSE a_order, CBLAS_TRANSPOSE b_order, int64_t rows, int64_t columns, int64_t inner,
          const float* a, int64_t a_stride, const float* b, int64_t b_stride, float beta, float* c, int64_t c_stride) {
  cblas_sgemm(CblasRowMajor, a_order, b_order, static_cast<blasint>(rows), static_cast<blasint>(columns),
              static_cast<blasint>(inner), 1, a, static_cast<blasint>(a_stride), b, static_cast<blasint>(b_stride),
              beta, c, static_cast<blasint>(c_stride));
}

void gemm(CBLAS_TRANSPOSE a_order, CBLAS_TRANSPOSE b_order, int64_t rows, int64_t columns, int64_t inner,
          const double* a, int64_t a_stride, const double* b, int64_t b_stride, double beta, double* c,
          int64_t c_stride) {
  cblas_dgemm(CblasRowMajor, a_order, b_order, static_cast<blasint>(rows), static_cast<blasint>(columns),
              static_cast<blasint>(inner), 1, a, static_cast<blasint>(a_stride), b, static_cast<blasint>(b_stride),
              beta, c, static_cast<blasint>(c_stride));
}

// OpenBLAS' kernel for small products of operands that are not transposed takes memory from the heap, at each call,
// when columns mod 16 is 1 … 8. Those last columns go through its kernel for a transposed b, which does not.
int64_t columns_apart(int64_t rows, int64_t columns, int64_t inner) {
  const int64_t last = columns % 16;
  return last <= 8 && rows * columns * inner <= unpacked_product_limit() ? last : 0;
}

// c = a·b + beta·c for a few columns, by way of a transposed copy of b.
template <class T>
void multiply_few_columns(int64_t rows, int64_t columns, int64_t inner, const T* a, int64_t a_stride, const T* b,
                          int64_t b_stride, T beta, T* c, int64_t c_stride) {
  constexpr int64_t most_inner = 512;
  alignas(64) T transposed[8 * most_inner];
  for (int64_t k = 0; k < inner; k += most_inner) {
    const int64_t depth = std::min(most_inner, inner - k);
    for (int64_t i = 0; i < depth; ++i) {
      for (int64_t j = 0; j < columns; ++j) transposed[j * depth + i] = b[(k + i) * b_stride + j];
    }
    gemm(CblasNoTrans, CblasTrans, rows, columns, depth, a + k, a_stride, transposed, depth, k == 0 ? beta : T(1), c,
         c_stride);
  }
}

template <class T>
void multiply_untransposed(int64_t rows, int64_t columns, int64_t inner, const T* a, int64_t a_stride, const T* b,
                           int64_t b_stride, T beta, T* c, int64_t c_stride) {
  const int64_t apart = columns_apart(rows, columns, inner), together = columns - apart;
  if (together > 0) {
    gemm(CblasNoTrans, CblasNoTrans, rows, together, inner, a, a_stride, b, b_stride, beta, c, c_stride);
  }
  if (apart > 0) {
    multiply_few_columns(rows, apart, inner, a, a_stride, b + together, b_stride, beta, c + together, c_stride);
  }
}

// Whether reading operands in place pays: not where long strides would be walked many times over.
bool suits_unpacked(const ProductShape& shape) {
  if (shape.transpose_b && shape.rows > 128) return false;
  return std::min({shape.rows, shape.columns, shape.inner}) < 1024;
}

// Columns that suit the kernel of each order of operands, then as many rows as the limit allows; measured over the
// products of multi-layer perceptrons and of convolutions.
GemmBlock unpacked_block(const ProductShape& shape, int64_t limit) {
  if (shape.rows * shape.columns * shape.inner <= limit / 4) return {shape.rows, shape.columns, shape.inner};
  const bool outer_product = shape.transpose_a && !shape.transpose_b;
  const int64_t longest = outer_product ? 128 : shape.transpose_b ? 1024 : 512;
  GemmBlock block;
  block.inner = divide_up(shape.inner, divide_up(shape.inner, longest));
  const int64_t columns = shape.transpose_b ? 16 : outer_product && block.inner <= 64 ? 128 : 64;
  block.columns = std::min(shape.columns, columns);
  int64_t rows = limit / (block.columns * block.inner);
  // Whole passes of the kernels, which take rows by the dozen or by 16. A narrow output is cut into longer pieces.
  const int64_t most = (outer_product ? 96 : 64) * columns / block.columns;
  if (rows < most) {
    rows = rows >= 48   ? rows / 48 * 48
           : rows >= 32 ? 32
           : rows >= 24 ? 24
           : rows >= 12 ? rows / 4 * 4
                        : std::max<int64_t>(rows, 1);
  } else {
    rows = most;
  }
  block.rows = std::min(shape.rows, rows);
  return block;
}

// Where every call packs its operands, calls are few and large.
GemmBlock packed_block(const ProductShape& shape) {
  constexpr double most_flops = 3e7;
  GemmBlock block{shape.rows, shape.columns, shape.inner};
  const auto flops = [&] {
    return 2.0 * static_cast<double>(block.rows * block.columns) * static_cast<double>(block.inner);
  };
  const auto halve = [](int64_t& extent) { extent = divide_up(divide_up(extent, 2), 16) * 16; };
  while (flops() > most_flops && (block.columns > 256 || block.rows > 128)) {
    const bool wide = block.columns > 256 && (block.columns >= 2 * block.rows || block.rows <= 128);
    halve(wide ? block.columns : block.rows);
  }
  return block;
}

}  // namespace

BlockedGemm::BlockedGemm(const ProductShape& shape) : shape_(shape) {
  const int64_t limit = unpacked_product_limit();
  block_ = limit > 0 && suits_unpacked(shape) ? unpacked_block(shape, limit) : packed_block(shape);
  row_blocks_ = divide_up(shape.rows, std::max<int64_t>(1, block_.rows));
  column_blocks_ = divide_up(shape.columns, std::max<int64_t>(1, block_.columns));
}

template <class T>
void BlockedGemm::run(int64_t block, Matrix<const T> a, Matrix<const T> b, Matrix<T> c, bool add) const {
  const int64_t row = block % row_blocks_ * block_.rows;
  const int64_t column = block / row_blocks_ * block_.columns;
  const int64_t rows = std::min(block_.rows, shape_.rows - row);
  const int64_t columns = std::min(block_.columns, shape_.columns - column);
  T* to = c.data + row * c.stride + column;
  for (int64_t k = 0; k < shape_.inner; k += block_.inner) {
    const int64_t inner = std::min(block_.inner, shape_.inner - k);
    const T* from_a = a.data + (shape_.transpose_a ? k * a.stride + row : row * a.stride + k);
    const T* from_b = b.data + (shape_.transpose_b ? column * b.stride + k : k * b.stride + column);
    const T beta = k == 0 && !add ? 0 : 1;
    if (!shape_.transpose_a && !shape_.transpose_b) {
      multiply_untransposed(rows, columns, inner, from_a, a.stride, from_b, b.stride, beta, to, c.stride);
    } else {
      gemm(shape_.transpose_a ? CblasTrans : CblasNoTrans, shape_.transpose_b ? CblasTrans : CblasNoTrans, rows,
           columns, inner, from_a, a.stride, from_b, b.stride, beta, to, c.stride);
    }
  }
}

template <class T>
void BlockedGemm::run_all(Matrix<const T> a, Matrix<const T> b, Matrix<T> c, bool add) const {
  for (int64_t block = 0; block < blocks(); ++block) run(block, a, b, c, add);
}

template void BlockedGemm::run<float>(int64_t, Matrix<const float>, Matrix<const float>, Matrix<float>, bool) const;
template void BlockedGemm::run<double>(int64_t, Matrix<const double>, Matrix<const double>, Matrix<double>, bool) const;
template void BlockedGemm::run_all<float>(Matrix<const float>, Matrix<const float>, Matrix<float>, bool) const;
template void BlockedGemm::run_all<double>(Matrix<const double>, Matrix<const double>, Matrix<double>, bool) const;

}  // namespace duel
