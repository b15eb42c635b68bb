#include "train/torch_weights.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.hpp"

namespace duel {
namespace {

// What a layer here and a module there call the same thing, where the names differ or there are several.
struct LeafNames {
  std::string_view own;
  std::vector<std::string> torch;
};

const std::array<LeafNames, 6>& leaf_names() {
  static const std::array<LeafNames, 6> names{
      {{"gamma", {"weight"}},
       {"beta", {"bias"}},
       {"running_variance", {"running_var"}},
       {"slope", {"weight"}},
       {"weight", {"weight", "weight_orig", "parametrizations.weight.original"}},  // the last two: spectral_norm
       {"weight_u", {"weight_u", "parametrizations.weight.0._u"}}}};
  return names;
}

// The axes of a weight here, in the order in which PyTorch has them.
std::vector<int> torch_order(int rank, WeightAxes axes) {
  std::vector<int> order;
  const int moved = axes == WeightAxes::kernel ? 2 : axes == WeightAxes::example ? 1 : 0;
  if (rank < 2) {
    for (int axis = 0; axis < rank; ++axis) order.push_back(axis);
    return order;
  }
  for (int axis = rank - 1; axis >= rank - moved; --axis) order.push_back(axis);
  for (int axis = 0; axis < rank - moved; ++axis) order.push_back(axis);
  return order;
}

}  // namespace

std::vector<std::string> torch_names(const std::string& path) {
  std::string module = path;
  std::ranges::replace(module, '/', '.');
  const std::size_t dot = module.rfind('.');
  const std::string leaf = dot == std::string::npos ? module : module.substr(dot + 1);
  module.resize(module.size() - leaf.size());
  const auto known = std::ranges::find(leaf_names(), leaf, &LeafNames::own);
  if (known == leaf_names().end()) return {module + leaf};
  std::vector<std::string> names;
  for (const std::string& name : known->torch) names.push_back(module + name);
  return names;
}

Shape torch_shape(const Shape& shape, WeightAxes axes) {
  Shape out;
  for (const int axis : torch_order(shape.rank(), axes)) out.push_back(shape[axis]);
  return out;
}

std::vector<double> from_torch_order(std::span<const double> values, const Shape& shape, WeightAxes axes) {
  DUEL_CHECK(std::ssize(values) == shape.elements(), "{} values for {}", values.size(), to_string(shape));
  const std::vector<int> order = torch_order(shape.rank(), axes);
  const auto strides = row_major_strides(shape);
  std::vector<int64_t> index(order.size(), 0);  // in PyTorch's order, counted up as the values lie
  std::vector<double> out(values.size());
  int64_t place = 0;
  for (const double value : values) {
    out[static_cast<std::size_t>(place)] = value;
    for (std::size_t i = order.size(); i-- > 0;) {
      const int64_t stride = strides[static_cast<std::size_t>(order[i])], extent = shape[order[i]];
      place += stride;
      if (++index[i] < extent) break;
      place -= stride * extent;
      index[i] = 0;
    }
  }
  return out;
}

}  // namespace duel
