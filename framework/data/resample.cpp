#include "data/resample.hpp"

#include <algorithm>
#include <utility>

namespace duel {
namespace {

// Calls body(weight, address) for the taps of output i, of elements that lie `stride` apart from `in` on.
template <class Body>
void for_each_tap(const Taps& taps, int64_t i, const float* in, int64_t stride, Body body) {
  const int64_t* const index = taps.index.data();
  const double* const weight = taps.weight.data();
  const int64_t end = taps.starts[static_cast<std::size_t>(i) + 1];
  for (int64_t t = taps.starts[static_cast<std::size_t>(i)]; t < end; ++t) body(weight[t], in + index[t] * stride);
}

}  // namespace

ImageResampler::ImageResampler(Taps rows, Taps columns, int64_t channels)
    : rows_(std::move(rows)), columns_(std::move(columns)), channels_(channels) {}

void ImageResampler::apply(const float* in, float* out, std::vector<float>& scratch) const {
  const int64_t row = columns_.outputs() * channels_;
  scratch.resize(static_cast<std::size_t>(rows_.inputs * row));
  float* narrow = scratch.data();
  for (int64_t y = 0; y < rows_.inputs; ++y) {
    const float* from = in + y * columns_.inputs * channels_;
    for (int64_t x = 0; x < columns_.outputs(); ++x) {
      for (int64_t c = 0; c < channels_; ++c) {
        double sum = 0;
        for_each_tap(columns_, x, from + c, channels_, [&](double weight, const float* at) { sum += weight * *at; });
        *narrow++ = static_cast<float>(sum);
      }
    }
  }
  constexpr int64_t most = 64;  // neighbours that are summed side by side
  for (int64_t y = 0; y < rows_.outputs(); ++y) {
    for (int64_t x = 0; x < row; x += most) {
      const int64_t count = std::min(most, row - x);
      double sums[most] = {};
      for_each_tap(rows_, y, scratch.data() + x, row, [&](double weight, const float* at) {
        for (int64_t i = 0; i < count; ++i) sums[i] += weight * at[i];
      });
      for (int64_t i = 0; i < count; ++i) *out++ = static_cast<float>(sums[i]);
    }
  }
}

}  // namespace duel
