// Convolutions as products of matrices. The neighbourhoods of some output pixels are laid out as the rows of a matrix
// of taps × channels columns, in a buffer that stays in the cache; the product of that with the weights (a matrix as
// they lie) is the output. The adjoint in the images multiplies first and adds the rows back to where they came from.
#include <fmt/format.h>

#include <algorithm>

#include "kernels/division.hpp"
#include "kernels/folds.hpp"
#include "kernels/gemm.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t most_tiles = 128;
constexpr int64_t buffer_bytes = 192 * 1024;  // on the stack of a worker
constexpr double least_tile_flops = 2e6;
constexpr int64_t combine_block = 4096;  // elements of the weights that a tile of the second phase makes

// Rows of the buffer (output pixels) and the taps that are laid out at once.
struct Chunk {
  int64_t pixels = 1;
  int64_t taps = 1;
};

template <class T>
Chunk chunk_of(Direction direction, const ConvolutionShape& shape) {
  const int64_t channels = std::max<int64_t>(1, shape.group_channels());
  const int64_t room = std::max<int64_t>(1, buffer_bytes / static_cast<int64_t>(sizeof(T)) / channels);
  // The gradient of the weights passes over all of them once a chunk: more pixels at a time.
  const int64_t wanted = direction == Direction::weight_gradient ? 256 : 96;
  Chunk chunk;
  chunk.pixels = std::min({wanted, shape.output[0] * shape.output[1], room});
  chunk.taps = std::clamp<int64_t>(room / std::max<int64_t>(1, chunk.pixels), 1, shape.taps());
  return chunk;
}

// Shards of the sum over images and pixels: enough work for each that adding up their results costs little.
int64_t shards_of(const ConvolutionShape& shape, int64_t blocks) {
  const int64_t worth = 2 * shape.batch * shape.output[0] * shape.output[1] / 700;
  int64_t shards = 1;
  while (shards < 16 && 2 * shards <= std::min(worth, blocks)) shards *= 2;
  return shards;
}

template <class T>
class GemmConvolution final : public Kernel {
 public:
  GemmConvolution(Direction direction, const ConvolutionShape& shape)
      : direction_(direction), shape_(shape), chunk_(chunk_of<T>(direction, shape)) {
    image_blocks_ = divide_up(pixels(), std::max<int64_t>(1, chunk_.pixels));
    blocks_ = shape.batch * image_blocks_;
    if (result_elements() == 0) return;
    if (direction == Direction::weight_gradient) {
      shards_ = tiles_ = shards_of(shape, blocks_);
    } else if (direction == Direction::input_gradient) {
      tiles_ = shape.batch;  // neighbourhoods overlap within an image
    } else {
      const auto worth = static_cast<int64_t>(flops() / least_tile_flops);
      tiles_ = std::clamp<int64_t>(worth, 1, std::min(blocks_, most_tiles));
    }
  }

  std::string describe() const override {
    static constexpr const char* names[] = {"", " input gradient", " weight gradient"};
    return fmt::format("gemm convolution{} {}×{}×{} to {}×{}×{}, window {}×{}, {} tiles",
                       names[static_cast<int>(direction_)], shape_.input[0], shape_.input[1], shape_.channels,
                       shape_.output[0], shape_.output[1], shape_.outputs, shape_.kernel[0], shape_.kernel[1], tiles_);
  }
  int phases() const override { return shards_ > 1 ? 2 : 1; }
  int64_t tiles(int phase) const override { return phase == 0 ? tiles_ : divide_up(result_elements(), combine_block); }
  int64_t workspace_bytes() const override {
    return shards_ > 1 ? shards_ * result_elements() * static_cast<int64_t>(sizeof(T)) : 0;
  }
  double flops() const override { return shape_.flops(); }

  void run(int phase, int64_t tile, const KernelArguments& arguments) const override {
    const T* first = reinterpret_cast<const T*>(arguments.inputs[0]);
    const T* second = reinterpret_cast<const T*>(arguments.inputs[1]);
    T* result = reinterpret_cast<T*>(arguments.outputs[0]);
    if (phase == 1) return combine(tile, reinterpret_cast<const T*>(arguments.workspace), result);
    switch (direction_) {
      case Direction::forward:
        for (int64_t block = begin(tile); block < begin(tile + 1); ++block) run_forward(block, first, second, result);
        return;
      case Direction::input_gradient:
        return run_input_gradient(tile, first, second, result);
      case Direction::weight_gradient:
        if (shards_ > 1) result = reinterpret_cast<T*>(arguments.workspace) + tile * result_elements();
        return run_weight_gradient(tile, first, second, result);
    }
  }

 private:
  int64_t pixels() const { return shape_.output[0] * shape_.output[1]; }
  int64_t input_pixels() const { return shape_.input[0] * shape_.input[1]; }
  int64_t begin(int64_t tile) const { return blocks_ * tile / tiles_; }
  int64_t result_elements() const {
    switch (direction_) {
      case Direction::forward:
        return shape_.outputs_shape().elements();
      case Direction::input_gradient:
        return shape_.images_shape().elements();
      default:
        return shape_.weight_shape().elements();
    }
  }

  // Output pixels of one image whose neighbourhoods are in the buffer, for some taps and one group.
  struct Part {
    int64_t image = 0;
    int64_t pixel = 0;
    int64_t count = 0;
    int64_t tap = 0;
    int64_t taps = 0;
    int64_t group = 0;
  };

  // Calls body(part) for all taps and groups of a block.
  template <class Body>
  void for_each_part(int64_t block, Body body) const {
    Part part{.image = block / image_blocks_, .pixel = block % image_blocks_ * chunk_.pixels};
    part.count = std::min(chunk_.pixels, pixels() - part.pixel);
    for (part.group = 0; part.group < shape_.how.groups; ++part.group) {
      for (part.tap = 0; part.tap < shape_.taps(); part.tap += chunk_.taps) {
        part.taps = std::min(chunk_.taps, shape_.taps() - part.tap);
        body(part);
      }
    }
  }

  int64_t columns(const Part& part) const { return part.taps * shape_.group_channels(); }
  int64_t weight_offset(const Part& part) const {
    return part.tap * shape_.group_channels() * shape_.outputs + part.group * shape_.group_outputs();
  }
  int64_t output_offset(const Part& part) const {
    return (part.image * pixels() + part.pixel) * shape_.outputs + part.group * shape_.group_outputs();
  }

  // Calls inside(element of the image, column, count) and outside(column, count) for the runs of one row that lie
  // within the image and beyond it. Neighbouring taps of one row of the window are one run where their channels touch.
  template <class Inside, class Outside>
  void for_each_run(const Part& part, int64_t pixel, Inside inside, Outside outside) const {
    const Convolution& how = shape_.how;
    const int64_t channels = shape_.group_channels();
    const bool touching = how.dilation[1] == 1 && how.groups == 1;
    const int64_t top = pixel / shape_.output[1] * how.stride[0] - how.before[0];
    const int64_t left = pixel % shape_.output[1] * how.stride[1] - how.before[1];
    const int64_t end = part.tap + part.taps;
    for (int64_t tap = part.tap; tap < end;) {
      const int64_t tap_x = tap % shape_.kernel[1];
      const int64_t y = top + tap / shape_.kernel[1] * how.dilation[0];
      const int64_t x = left + tap_x * how.dilation[1];
      int64_t run = touching ? std::min(shape_.kernel[1] - tap_x, end - tap) : 1;
      const int64_t column = (tap - part.tap) * channels;
      const bool in_row = y >= 0 && y < shape_.input[0];
      if (in_row && x >= 0 && x < shape_.input[1]) {
        run = std::min(run, shape_.input[1] - x);
        const int64_t place = ((part.image * shape_.input[0] + y) * shape_.input[1] + x) * shape_.channels;
        inside(place + part.group * channels, column, run * channels);
      } else {
        if (in_row && x < 0) run = std::min(run, -x);
        outside(column, run * channels);
      }
      tap += run;
    }
  }

  void lay_out(const Part& part, const T* images, T* buffer) const {
    const int64_t width = columns(part);
    for (int64_t i = 0; i < part.count; ++i) {
      T* row = buffer + i * width;
      for_each_run(
          part, part.pixel + i,
          [&](int64_t place, int64_t column, int64_t count) { std::copy_n(images + place, count, row + column); },
          [&](int64_t column, int64_t count) { std::fill_n(row + column, count, T(0)); });
    }
  }

  void add_back(const Part& part, const T* buffer, T* images) const {
    const int64_t width = columns(part);
    for (int64_t i = 0; i < part.count; ++i) {
      const T* row = buffer + i * width;
      for_each_run(
          part, part.pixel + i,
          [&](int64_t place, int64_t column, int64_t count) {
            for (int64_t k = 0; k < count; ++k) images[place + k] += row[column + k];
          },
          [](int64_t, int64_t) {});
    }
  }

  void run_forward(int64_t block, const T* images, const T* weight, T* outputs) const {
    alignas(64) T buffer[buffer_bytes / sizeof(T)];
    for_each_part(block, [&](const Part& part) {
      lay_out(part, images, buffer);
      const BlockedGemm gemm({.rows = part.count, .columns = shape_.group_outputs(), .inner = columns(part)});
      gemm.run_all<T>({buffer, columns(part)}, {weight + weight_offset(part), shape_.outputs},
                      {outputs + output_offset(part), shape_.outputs}, part.tap > 0);
    });
  }

  void run_input_gradient(int64_t image, const T* outputs, const T* weight, T* images) const {
    alignas(64) T buffer[buffer_bytes / sizeof(T)];
    std::fill_n(images + image * input_pixels() * shape_.channels, input_pixels() * shape_.channels, T(0));
    for (int64_t block = image * image_blocks_; block < (image + 1) * image_blocks_; ++block) {
      for_each_part(block, [&](const Part& part) {
        const BlockedGemm gemm(
            {.rows = part.count, .columns = columns(part), .inner = shape_.group_outputs(), .transpose_b = true});
        gemm.run_all<T>({outputs + output_offset(part), shape_.outputs}, {weight + weight_offset(part), shape_.outputs},
                        {buffer, columns(part)}, false);
        add_back(part, buffer, images);
      });
    }
  }

  void run_weight_gradient(int64_t shard, const T* images, const T* outputs, T* weight) const {
    alignas(64) T buffer[buffer_bytes / sizeof(T)];
    if (blocks_ == 0) std::fill_n(weight, result_elements(), T(0));
    const int64_t first = begin(shard);
    for (int64_t block = first; block < begin(shard + 1); ++block) {
      for_each_part(block, [&](const Part& part) {
        lay_out(part, images, buffer);
        const BlockedGemm gemm(
            {.rows = columns(part), .columns = shape_.group_outputs(), .inner = part.count, .transpose_a = true});
        gemm.run_all<T>({buffer, columns(part)}, {outputs + output_offset(part), shape_.outputs},
                        {weight + weight_offset(part), shape_.outputs}, block > first);
      });
    }
  }

  void combine(int64_t tile, const T* partials, T* weight) const {
    const int64_t start = tile * combine_block;
    const int64_t count = std::min(combine_block, result_elements() - start);
    combine_partials(weight + start, partials + start, shards_, result_elements(), count, false);
  }

  Direction direction_;
  ConvolutionShape shape_;
  Chunk chunk_;
  int64_t image_blocks_ = 0;  // of one image
  int64_t blocks_ = 0;        // of all images
  int64_t tiles_ = 0;
  int64_t shards_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm_convolution(DType dtype, Direction direction, const ConvolutionShape& shape) {
  if (dtype == DType::float32) return std::make_unique<GemmConvolution<float>>(direction, shape);
  return std::make_unique<GemmConvolution<double>>(direction, shape);
}

}  // namespace duel
