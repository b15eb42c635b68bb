// Convolutions as products of matrices: the neighbourhoods of some output pixels, times the weights (a matrix as they
// lie), are the output. The adjoint in the images multiplies first and adds the rows back to where they came from. The
// adjoint in the weights is in convolution_weight.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "kernels/convolution.hpp"
#include "kernels/division.hpp"
#include "kernels/gemm.hpp"
#include "kernels/makers.hpp"
#include "kernels/neighbourhoods.hpp"

namespace duel {
namespace {

constexpr int64_t most_tiles = 128;
constexpr int64_t most_pixels = 96;  // laid out at once
constexpr double least_tile_flops = 2e6;

template <class T>
class GemmConvolution final : public Kernel {
 public:
  GemmConvolution(Direction direction, const ConvolutionShape& shape)
      : direction_(direction), shape_(shape), neighbourhoods_(shape) {
    const int64_t room = std::max<int64_t>(1, row_buffer_elements<T> / std::max<int64_t>(1, shape.group_channels()));
    pixels_ = std::max<int64_t>(1, std::min({most_pixels, pixels_of_image(), room}));
    taps_ = std::clamp<int64_t>(room / pixels_, 1, std::max<int64_t>(1, shape.taps()));
    blocks_of_image_ = divide_up(pixels_of_image(), pixels_);
    const int64_t blocks = shape.batch * blocks_of_image_;
    if (result_shape().elements() == 0) return;
    if (direction == Direction::input_gradient) {
      tiles_ = shape.batch;  // neighbourhoods overlap within an image
    } else {
      tiles_ = std::clamp<int64_t>(static_cast<int64_t>(flops() / least_tile_flops), 1, std::min(blocks, most_tiles));
    }
  }

  std::string describe() const override {
    return fmt::format("gemm {}, {} tiles", describe_convolution(direction_, shape_), tiles_);
  }
  int phases() const override { return 1; }
  int64_t tiles(int) const override { return tiles_; }
  int64_t workspace_bytes() const override { return 0; }
  double flops() const override { return shape_.flops(); }

  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* first = reinterpret_cast<const T*>(arguments.inputs[0]);
    const T* weight = reinterpret_cast<const T*>(arguments.inputs[1]);
    T* result = reinterpret_cast<T*>(arguments.outputs[0]);
    if (direction_ == Direction::input_gradient) return run_input_gradient(tile, first, weight, result);
    const int64_t blocks = shape_.batch * blocks_of_image_;
    for (int64_t block = blocks * tile / tiles_; block < blocks * (tile + 1) / tiles_; ++block) {
      run_forward(block, first, weight, result);
    }
  }

 private:
  int64_t pixels_of_image() const { return shape_.output[0] * shape_.output[1]; }
  Shape result_shape() const {
    return direction_ == Direction::forward ? shape_.outputs_shape() : shape_.images_shape();
  }

  // Calls body(part) for all taps and groups of a block of output pixels, which are of one image.
  template <class Body>
  void for_each_part(int64_t block, Body body) const {
    const int64_t image = block / blocks_of_image_, pixel = block % blocks_of_image_ * pixels_;
    NeighbourhoodPart part{.pixel = image * pixels_of_image() + pixel,
                           .pixels = std::min(pixels_, pixels_of_image() - pixel)};
    for (part.group = 0; part.group < shape_.how.groups; ++part.group) {
      for (part.tap = 0; part.tap < shape_.taps(); part.tap += taps_) {
        part.taps = std::min(taps_, shape_.taps() - part.tap);
        body(part);
      }
    }
  }

  void run_forward(int64_t block, const T* images, const T* weight, T* outputs) const {
    alignas(64) T buffer[row_buffer_elements<T>];
    for_each_part(block, [&](const NeighbourhoodPart& part) {
      const int64_t columns = neighbourhoods_.columns(part);
      T* const rows = rows_within(buffer, part.pixels * columns);
      neighbourhoods_.lay_out(part, images, rows);
      const BlockedGemm gemm({.rows = part.pixels, .columns = shape_.group_outputs(), .inner = columns});
      gemm.run_all<T>({rows, columns}, {weight + neighbourhoods_.weight_offset(part), shape_.outputs},
                      {outputs + neighbourhoods_.output_offset(part), shape_.outputs}, part.tap > 0);
    });
  }

  void run_input_gradient(int64_t image, const T* outputs, const T* weight, T* images) const {
    alignas(64) T buffer[row_buffer_elements<T>];
    const int64_t elements = shape_.images_shape().without_first().elements();
    std::fill_n(images + image * elements, elements, T(0));
    for (int64_t block = image * blocks_of_image_; block < (image + 1) * blocks_of_image_; ++block) {
      for_each_part(block, [&](const NeighbourhoodPart& part) {
        const int64_t columns = neighbourhoods_.columns(part);
        T* const rows = rows_within(buffer, part.pixels * columns);
        const BlockedGemm gemm(
            {.rows = part.pixels, .columns = columns, .inner = shape_.group_outputs(), .transpose_b = true});
        gemm.run_all<T>({outputs + neighbourhoods_.output_offset(part), shape_.outputs},
                        {weight + neighbourhoods_.weight_offset(part), shape_.outputs}, {rows, columns}, false);
        neighbourhoods_.add_back(part, rows, images);
      });
    }
  }

  Direction direction_;
  ConvolutionShape shape_;
  Neighbourhoods neighbourhoods_;
  int64_t pixels_ = 1;           // laid out at once
  int64_t taps_ = 1;             // laid out at once
  int64_t blocks_of_image_ = 0;  // of pixels_ pixels
  int64_t tiles_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm_convolution(DType dtype, Direction direction, const ConvolutionShape& shape) {
  if (direction == Direction::weight_gradient) return make_gemm_weight_gradient(dtype, shape);
  if (dtype == DType::float32) return std::make_unique<GemmConvolution<float>>(direction, shape);
  return std::make_unique<GemmConvolution<double>>(direction, shape);
}

}  // namespace duel
