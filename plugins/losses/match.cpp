#include "plugins/losses/match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graph/op.hpp"

namespace duel {
namespace {

std::vector<int64_t> longer_than_one(const Shape& shape) {
  std::vector<int64_t> extents;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(extents), [](int64_t extent) { return extent != 1; });
  return extents;
}

}  // namespace

Tensor match_shape(std::string_view loss, const Tensor& target, const Tensor& prediction) {
  if (target.rank() == 0) return broadcast(target, prediction.shape());
  if (longer_than_one(target.shape()) != longer_than_one(prediction.shape())) {
    throw ShapeError(fmt::format("{}: the target's shape {} is not the prediction's {}", loss,
                                 to_string(target.shape()), to_string(prediction.shape())));
  }
  return reshape(target, prediction.shape());
}

}  // namespace duel
