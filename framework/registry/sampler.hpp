// The interface of plots of samples: arrays in, picture out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/op.hpp"
#include "registry/parameters.hpp"

namespace duel {

// 8-bit picture, row-major, 1 (grey) or 3 (RGB) channels.
struct Picture {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 1;
  std::vector<uint8_t> pixels;
};

// What `sample:` entries say of the look.
struct SampleStyle {
  std::array<double, 2> range{-1, 1};  // values shown as black and white; for plots, both axes
  bool range_given = false;
  bool minmax = false;  // normalize: minmax: stretch what the samples span instead
  int64_t columns = 0;  // 0: about square
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  // Throws ShapeError for samples of a shape [count, …], and real examples to show beside them (null: none), that it
  // cannot show.
  virtual void check(const Shape& samples, const Shape* reference) const = 0;
  // The arrays have shapes that check() takes.
  virtual Picture render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const = 0;
};

}  // namespace duel
