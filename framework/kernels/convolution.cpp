#include "kernels/convolution.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace duel {

std::string describe_convolution(Direction direction, const ConvolutionShape& shape) {
  static constexpr const char* names[] = {"", " input gradient", " weight gradient"};
  return fmt::format("convolution{} {}×{}×{} to {}×{}×{}, window {}×{}", names[static_cast<int>(direction)],
                     shape.input[0], shape.input[1], shape.channels, shape.output[0], shape.output[1], shape.outputs,
                     shape.kernel[0], shape.kernel[1]);
}

int64_t shards_of(const ConvolutionShape& shape, int64_t most) {
  const int64_t worth = 2 * shape.batch * shape.output[0] * shape.output[1] / 700;
  int64_t shards = 1;
  while (shards < 16 && 2 * shards <= std::min(worth, most)) shards *= 2;
  return shards;
}

}  // namespace duel
