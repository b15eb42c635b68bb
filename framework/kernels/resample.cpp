// Weighted sums along one axis. The tensor is seen as [outer, axis, inner]; a tile makes some of the outer × axis rows.
#include <fmt/format.h>

#include <algorithm>

#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t least_tile_flops = 20'000;
constexpr int64_t most_tiles = 128;

template <class T>
class ResampleKernel final : public Kernel {
 public:
  ResampleKernel(const Shape& input, int axis, const Taps& taps) : taps_(taps) {
    for (int i = 0; i < axis; ++i) outer_ *= input[i];
    for (int i = axis + 1; i < input.rank(); ++i) inner_ *= input[i];
    for (const double weight : taps.weight) weights_.push_back(static_cast<T>(weight));
    const int64_t rows = outer_ * taps_.outputs();
    if (rows * inner_ == 0) return;
    const auto wanted = static_cast<int64_t>(flops() / least_tile_flops);
    tiles_ = std::clamp<int64_t>(wanted, 1, std::min(rows, most_tiles));
  }

  std::string describe() const override {
    return fmt::format("resample {}×{}×{} to {}, {} taps, {} tiles", outer_, taps_.inputs, inner_, taps_.outputs(),
                       taps_.index.size(), tiles_);
  }
  int64_t tiles(int) const override { return tiles_; }
  double flops() const override {
    return 2.0 * static_cast<double>(taps_.index.size()) * static_cast<double>(outer_ * inner_);
  }

  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* from = reinterpret_cast<const T*>(arguments.inputs[0]);
    T* to = reinterpret_cast<T*>(arguments.outputs[0]);
    const int64_t rows = outer_ * taps_.outputs();
    for (int64_t row = rows * tile / tiles_; row < rows * (tile + 1) / tiles_; ++row) {
      make_row(from + row / taps_.outputs() * taps_.inputs * inner_, static_cast<std::size_t>(row % taps_.outputs()),
               to + row * inner_);
    }
  }

 private:
  void make_row(const T* from, std::size_t output, T* to) const {
    std::fill_n(to, inner_, T(0));
    for (auto t = static_cast<std::size_t>(taps_.starts[output]);
         t < static_cast<std::size_t>(taps_.starts[output + 1]); ++t) {
      const T* source = from + taps_.index[t] * inner_;
      const T weight = weights_[t];
      for (int64_t i = 0; i < inner_; ++i) to[i] += weight * source[i];
    }
  }

  Taps taps_;
  std::vector<T> weights_;
  int64_t outer_ = 1;
  int64_t inner_ = 1;
  int64_t tiles_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_resample_kernel(DType dtype, const Shape& input, int axis, const Taps& taps) {
  if (dtype == DType::float32) return std::make_unique<ResampleKernel<float>>(input, axis, taps);
  return std::make_unique<ResampleKernel<double>>(input, axis, taps);
}

}  // namespace duel
