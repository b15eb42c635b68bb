// The gradient of a convolution's weights as products of matrices: for some taps, the neighbourhoods of many pixels,
// transposed, times the gradient of the output at these pixels. A tile takes some taps and a shard of all pixels, so
// that its part of the result stays in the cache while the pixels pass.
#include <fmt/format.h>

#include <algorithm>

#include "kernels/convolution.hpp"
#include "kernels/division.hpp"
#include "kernels/folds.hpp"
#include "kernels/gemm.hpp"
#include "kernels/makers.hpp"
#include "kernels/neighbourhoods.hpp"

namespace duel {
namespace {

constexpr int64_t most_pixels = 256;     // of a product: its inner extent
constexpr int64_t wanted_columns = 384;  // taps × channels of a product: its rows
constexpr int64_t wanted_tiles = 32;
constexpr int64_t combine_block = 4096;  // elements of the weights that a tile of the second phase makes

template <class T>
class GemmWeightGradient final : public Kernel {
 public:
  explicit GemmWeightGradient(const ConvolutionShape& shape) : shape_(shape), neighbourhoods_(shape) {
    const int64_t channels = std::max<int64_t>(1, shape.group_channels());
    taps_ = std::clamp<int64_t>(divide_up(wanted_columns, channels), 1, std::max<int64_t>(1, shape.taps()));
    pixels_ = std::clamp<int64_t>(row_buffer_elements<T> / (taps_ * channels), 1, most_pixels);
    tap_sets_ = divide_up(shape.taps(), taps_);
    if (result_elements() == 0) return;
    const int64_t sets = tap_sets_ * shape.how.groups;
    shards_ = shards_of(shape, divide_up(wanted_tiles, sets));
    tiles_ = sets * shards_;
  }

  std::string describe() const override {
    return fmt::format("gemm {}, {} tiles", describe_convolution(Direction::weight_gradient, shape_), tiles_);
  }
  int phases() const override { return shards_ > 1 ? 2 : 1; }
  int64_t tiles(int phase) const override { return phase == 0 ? tiles_ : divide_up(result_elements(), combine_block); }
  int64_t workspace_bytes() const override {
    return shards_ > 1 ? shards_ * result_elements() * static_cast<int64_t>(sizeof(T)) : 0;
  }
  double flops() const override { return shape_.flops(); }

  void run(int phase, int64_t tile, const KernelArguments& arguments) const override {
    T* result = reinterpret_cast<T*>(arguments.outputs[0]);
    if (phase == 1) return combine(tile, reinterpret_cast<const T*>(arguments.workspace), result);
    // Neighbouring tiles share the pixels.
    const int64_t sets = tap_sets_ * shape_.how.groups;
    const int64_t shard = tile / sets, set = tile % sets;
    if (shards_ > 1) result = reinterpret_cast<T*>(arguments.workspace) + shard * result_elements();
    run_shard(shard, set % tap_sets_, set / tap_sets_, reinterpret_cast<const T*>(arguments.inputs[0]),
              reinterpret_cast<const T*>(arguments.inputs[1]), result);
  }

 private:
  int64_t all_pixels() const { return shape_.batch * shape_.output[0] * shape_.output[1]; }
  int64_t result_elements() const { return shape_.weight_shape().elements(); }

  void run_shard(int64_t shard, int64_t tap_set, int64_t group, const T* images, const T* outputs, T* weight) const {
    NeighbourhoodPart part{.tap = tap_set * taps_, .group = group};
    part.taps = std::min(taps_, shape_.taps() - part.tap);
    const int64_t columns = neighbourhoods_.columns(part);
    alignas(64) T buffer[row_buffer_elements<T>];
    T* const rows = rows_within(buffer, pixels_ * columns);
    T* const result = weight + neighbourhoods_.weight_offset(part);
    const int64_t first = all_pixels() * shard / shards_, end = all_pixels() * (shard + 1) / shards_;
    if (first == end) {
      for (int64_t row = 0; row < columns; ++row) {
        std::fill_n(result + row * shape_.outputs, shape_.group_outputs(), T(0));
      }
    }
    for (part.pixel = first; part.pixel < end; part.pixel += pixels_) {
      part.pixels = std::min(pixels_, end - part.pixel);
      neighbourhoods_.lay_out(part, images, rows);
      const BlockedGemm gemm(
          {.rows = columns, .columns = shape_.group_outputs(), .inner = part.pixels, .transpose_a = true});
      gemm.run_all<T>({rows, columns}, {outputs + neighbourhoods_.output_offset(part), shape_.outputs},
                      {result, shape_.outputs}, part.pixel > first);
    }
  }

  void combine(int64_t tile, const T* partials, T* weight) const {
    const int64_t start = tile * combine_block;
    const int64_t count = std::min(combine_block, result_elements() - start);
    combine_partials(weight + start, partials + start, shards_, result_elements(), count, false);
  }

  ConvolutionShape shape_;
  Neighbourhoods neighbourhoods_;
  int64_t taps_ = 1;    // of a product
  int64_t pixels_ = 1;  // of a product
  int64_t tap_sets_ = 1;
  int64_t shards_ = 1;
  int64_t tiles_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm_weight_gradient(DType dtype, const ConvolutionShape& shape) {
  if (dtype == DType::float32) return std::make_unique<GemmWeightGradient<float>>(shape);
  return std::make_unique<GemmWeightGradient<double>>(shape);
}

}  // namespace duel
