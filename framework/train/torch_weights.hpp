// How PyTorch calls and lays out what duel's layers train.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/shape.hpp"
#include "registry/layer.hpp"

namespace duel {

// The names in a state dict that can mean a weight or statistic of that path within its network, the usual one first:
// block/bn/gamma → block.bn.weight; conv/weight → conv.weight, and what spectral_norm makes of that name.
std::vector<std::string> torch_names(const std::string& path);

// The extents that PyTorch gives a weight of that shape: kernels [out, in, window…] (transposed ones [in, out,
// window…]), examples with the channels first.
Shape torch_shape(const Shape& shape, WeightAxes axes);

// Values as PyTorch lays them out, row-major in torch_shape(shape, axes), brought into the order of `shape`.
std::vector<double> from_torch_order(std::span<const double> values, const Shape& shape, WeightAxes axes);

}  // namespace duel
