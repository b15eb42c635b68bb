#include "ops/window.hpp"

#include <algorithm>

namespace duel {

int64_t positions(int64_t extent, int64_t kernel, int64_t stride, int64_t dilation, int64_t before, int64_t after) {
  const int64_t room = extent + before + after - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

std::array<int64_t, 2> same_padding(int64_t extent, int64_t kernel, int64_t stride, int64_t dilation) {
  const int64_t wanted = (extent + stride - 1) / stride;
  const int64_t padding = std::max<int64_t>(0, (wanted - 1) * stride + dilation * (kernel - 1) + 1 - extent);
  return {padding / 2, padding - padding / 2};
}

Taps transposed(const Taps& taps) {
  Taps result{.inputs = taps.outputs(), .starts = {}, .index = {}, .weight = {}};
  result.starts.assign(static_cast<std::size_t>(taps.inputs) + 1, 0);
  for (const int64_t input : taps.index) ++result.starts[static_cast<std::size_t>(input) + 1];
  for (std::size_t i = 1; i < result.starts.size(); ++i) result.starts[i] += result.starts[i - 1];
  result.index.resize(taps.index.size());
  result.weight.resize(taps.weight.size());
  std::vector<int64_t> next(result.starts.begin(), result.starts.end() - 1);
  for (int64_t row = 0; row < taps.outputs(); ++row) {
    for (int64_t t = taps.starts[static_cast<std::size_t>(row)]; t < taps.starts[static_cast<std::size_t>(row) + 1];
         ++t) {
      const auto to =
          static_cast<std::size_t>(next[static_cast<std::size_t>(taps.index[static_cast<std::size_t>(t)])]++);
      result.index[to] = row;
      result.weight[to] = taps.weight[static_cast<std::size_t>(t)];
    }
  }
  return result;
}

}  // namespace duel
