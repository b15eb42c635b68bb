// Matrix products, of two matrices or of batches of them. Every element is computed whole within one tile, in an order
// that its place in the output and the shape fix.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "kernels/division.hpp"
#include "kernels/gemm.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t most_tiles = 128;

template <class T>
class MatmulKernel final : public Kernel {
 public:
  explicit MatmulKernel(const MatmulShape& shape) : shape_(shape), gemm_(product_of(shape)) {
    if (shape.batch * shape.rows * shape.columns == 0) return;
    if (shape.inner == 0) {
      tiles_ = 1;
      return;
    }
    blocks_ = shape.batch * gemm_.blocks();
    // Tiny products (a batch of them, most often) share a tile.
    const int64_t worth_a_tile = std::max<int64_t>(1, static_cast<int64_t>(flops() / 5e5));
    tiles_ = std::min({blocks_, most_tiles, worth_a_tile});
  }

  std::string describe() const override {
    const GemmBlock& block = gemm_.block_shape();
    return fmt::format("openblas {}gemm {}{}×{}×{}{}{} in blocks of {}×{}×{}, {} tiles", sizeof(T) == 4 ? "s" : "d",
                       shape_.batch > 1 ? fmt::format("{} × ", shape_.batch) : "", shape_.rows, shape_.columns,
                       shape_.inner, shape_.transpose_a ? " aᵀ" : "", shape_.transpose_b ? " bᵀ" : "", block.rows,
                       block.columns, block.inner, tiles_);
  }
  int64_t tiles(int) const override { return tiles_; }
  double flops() const override {
    return 2.0 * static_cast<double>(shape_.batch * shape_.rows) * static_cast<double>(shape_.columns * shape_.inner);
  }

  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* a = reinterpret_cast<const T*>(arguments.inputs[0]);
    const T* b = reinterpret_cast<const T*>(arguments.inputs[1]);
    T* c = reinterpret_cast<T*>(arguments.outputs[0]);
    if (shape_.inner == 0) {
      std::fill_n(c, shape_.batch * shape_.rows * shape_.columns, T(0));
      return;
    }
    const int64_t end = blocks_ * (tile + 1) / tiles_;
    for (int64_t block = blocks_ * tile / tiles_; block < end; ++block) {
      const int64_t matrix = block / gemm_.blocks();
      gemm_.run<T>(block % gemm_.blocks(),
                   {a + matrix * shape_.rows * shape_.inner, shape_.transpose_a ? shape_.rows : shape_.inner},
                   {b + matrix * shape_.inner * shape_.columns, shape_.transpose_b ? shape_.inner : shape_.columns},
                   {c + matrix * shape_.rows * shape_.columns, shape_.columns}, false);
    }
  }

 private:
  static ProductShape product_of(const MatmulShape& shape) {
    return {shape.rows, shape.columns, shape.inner, shape.transpose_a, shape.transpose_b};
  }

  MatmulShape shape_;
  BlockedGemm gemm_;
  int64_t blocks_ = 0;
  int64_t tiles_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_matmul_kernel(DType dtype, const MatmulShape& shape) {
  constexpr int64_t most = INT32_MAX;  // what the library counts with
  DUEL_CHECK(shape.rows <= most && shape.columns <= most && shape.inner <= most, "a product {}×{}×{}", shape.rows,
             shape.columns, shape.inner);
  if (dtype == DType::float32) return std::make_unique<MatmulKernel<float>>(shape);
  return std::make_unique<MatmulKernel<double>>(shape);
}

}  // namespace duel
