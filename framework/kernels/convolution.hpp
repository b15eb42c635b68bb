// What the kernels of convolutions share, whichever way they compute. For this room's sources only.
#pragma once

#include <string>

#include "kernels/makers.hpp"

namespace duel {

// "convolution input gradient 28×28×1 to 14×14×64, window 5×5", for describe().
std::string describe_convolution(Direction direction, const ConvolutionShape& shape);

// How many partial sums a gradient of the weights is made of, each over a share of the pixels: a power of two, at most
// `most`, and few enough that adding them up costs little beside the work for each.
int64_t shards_of(const ConvolutionShape& shape, int64_t most);

// convolution_weight.cpp: what make_gemm_convolution gives for the gradient of the weights.
std::unique_ptr<Kernel> make_gemm_weight_gradient(DType dtype, const ConvolutionShape& shape);

}  // namespace duel
