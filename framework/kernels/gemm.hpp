// Matrix products by OpenBLAS on one thread, cut into blocks that suit it. For this room's sources only.
#pragma once

#include <cstdint>

namespace duel {

// [rows, inner] × [inner, columns]; a transposed side is stored the other way round.
struct ProductShape {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t inner = 0;
  bool transpose_a = false;
  bool transpose_b = false;
};

// Where a matrix lies: its stored rows are `stride` elements apart.
template <class T>
struct Matrix {
  T* data = nullptr;
  int64_t stride = 0;
};

// One call of the library computes rows × columns of the output over `inner` of the inner extent.
struct GemmBlock {
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t inner = 1;
};

// A product of any size as blocks of the output, each computed whole, in an order that the shape fixes.
class BlockedGemm {
 public:
  explicit BlockedGemm(const ProductShape& shape);

  const GemmBlock& block_shape() const { return block_; }
  int64_t blocks() const { return row_blocks_ * column_blocks_; }

  // Blocks go down the rows of the output first: the columns of b that they share stay in the cache. The block of c is
  // set to a·b, or has it added. Instances for float and double. Neither allocates nor locks where OpenBLAS does not.
  template <class T>
  void run(int64_t block, Matrix<const T> a, Matrix<const T> b, Matrix<T> c, bool add) const;
  template <class T>
  void run_all(Matrix<const T> a, Matrix<const T> b, Matrix<T> c, bool add) const;

 private:
  ProductShape shape_;
  GemmBlock block_;
  int64_t row_blocks_ = 0;
  int64_t column_blocks_ = 0;
};

}  // namespace duel
