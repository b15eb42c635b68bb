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

}  // namespace duel
