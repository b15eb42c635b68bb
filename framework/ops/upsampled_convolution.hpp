// For framework/ops/ only.
#pragma once

#include <optional>

#include "graph/tensor.hpp"
#include "ops/window.hpp"

namespace duel {

// A convolution of an image whose pixels were each repeated f × f times, computed from the image before that: each of
// the f × f places within a repeated pixel sees few different pixels, so it is a convolution of its own with fewer
// taps, whose weights are sums of the given ones. Nearest upsampling by 2 and a window of 3 × 3 need 4/9 of the
// products. Nothing where `images` is no such image or the window steps or is cut into groups.
std::optional<Tensor> convolve_before_upsampling(const Tensor& images, const Tensor& weight,
                                                 const ConvolutionShape& shape);

}  // namespace duel
