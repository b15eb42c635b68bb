// How windows slide over an image: what convolutions and pooling are told, and the extents that follow from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.hpp"

namespace duel {

using Extent2 = std::array<int64_t, 2>;  // of height and width

// Rows and columns of zeros are thought around the image: `before` above and left of it, `after` below and right.
struct Convolution {
  Extent2 stride{1, 1};
  Extent2 dilation{1, 1};  // distance between neighbouring taps of the weights
  Extent2 before{0, 0};
  Extent2 after{0, 0};
  int64_t groups = 1;  // channels and outputs are cut into that many parts which do not meet
};

struct Pooling {
  Extent2 kernel{2, 2};
  Extent2 stride{2, 2};
  Extent2 before{0, 0};
  Extent2 after{0, 0};
};

// Positions of a window of `kernel` taps along an axis; 0 or less where it does not fit.
int64_t positions(int64_t extent, int64_t kernel, int64_t stride, int64_t dilation, int64_t before, int64_t after);

// Padding before and after so that there are ceil(extent / stride) positions, as Keras and TensorFlow place it: the
// odd row or column comes after.
std::array<int64_t, 2> same_padding(int64_t extent, int64_t kernel, int64_t stride, int64_t dilation);

// One of the three convolution ops with all its extents: they are one relation between images, weights and outputs.
struct ConvolutionShape {
  int64_t batch = 1;
  Extent2 input{};
  Extent2 output{};
  Extent2 kernel{};
  int64_t channels = 1;  // of all groups
  int64_t outputs = 1;   // of all groups
  Convolution how;

  int64_t group_channels() const { return channels / how.groups; }
  int64_t group_outputs() const { return outputs / how.groups; }
  int64_t taps() const { return kernel[0] * kernel[1]; }
  Shape images_shape() const { return {batch, input[0], input[1], channels}; }
  Shape outputs_shape() const { return {batch, output[0], output[1], outputs}; }
  Shape weight_shape() const { return {kernel[0], kernel[1], group_channels(), outputs}; }
  // Multiply-adds counted as two, those with padding included, as is usual.
  double flops() const;
};

// Of a node of one of the three ops. Throws ShapeError where the extents do not fit together.
ConvolutionShape convolution_shape(const Op& op, std::span<const Shape> inputs, const Attributes& attributes);

// The same for a node of one of the two max_pool ops; `kernel` and `how` hold the pooling.
ConvolutionShape pooling_shape(const Op& op, std::span<const Shape> inputs, const Attributes& attributes);

}  // namespace duel
