#include "data/resample.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace duel {
namespace {

double half_width(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::area:
      return 0.5;
    case ResizeFilter::bilinear:
      return 1;
    case ResizeFilter::bicubic:
      return 2;
  }
  fail_check(__FILE__, __LINE__, "filter", "a filter that does not exist");
}

double weight(ResizeFilter filter, double x) {
  if (filter == ResizeFilter::area) return x > -0.5 && x <= 0.5 ? 1 : 0;  // half open: no pixel counts twice
  x = std::abs(x);
  if (filter == ResizeFilter::bilinear) return std::max(0.0, 1 - x);
  constexpr double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

}  // namespace

AxisResampler::AxisResampler(int64_t from, Interval1d part, int64_t to, ResizeFilter filter) {
  DUEL_CHECK(from >= 1 && to >= 1 && part.begin >= 0 && part.begin < part.end && part.end <= static_cast<double>(from),
             "resize of {} … {} of {} pixels to {}", part.begin, part.end, from, to);
  const double step = (part.end - part.begin) / static_cast<double>(to);
  const double widening = std::max(step, 1.0);
  const double reach = half_width(filter) * widening;
  begin_.push_back(0);
  for (int64_t i = 0; i < to; ++i) {
    const double centre = part.begin + (static_cast<double>(i) + 0.5) * step;
    const auto first = std::max<int64_t>(0, std::lround(centre - reach));
    const auto last = std::min<int64_t>(from, std::lround(centre + reach));
    double sum = 0;
    for (int64_t x = first; x < last; ++x) {
      weights_.push_back(weight(filter, (static_cast<double>(x) + 0.5 - centre) / widening));
      sum += weights_.back();
    }
    for (std::size_t w = begin_.back(); w < weights_.size(); ++w) weights_[w] /= sum;
    first_.push_back(first);
    begin_.push_back(weights_.size());
  }
}

std::span<const double> AxisResampler::weights(int64_t i) const {
  const auto at = static_cast<std::size_t>(i);
  return std::span(weights_).subspan(begin_[at], begin_[at + 1] - begin_[at]);
}

ImageResampler::ImageResampler(int64_t height, int64_t width, int64_t channels, Interval1d rows, Interval1d columns,
                               int64_t new_height, int64_t new_width, ResizeFilter filter)
    : height_(height),
      width_(width),
      channels_(channels),
      rows_(height, rows, new_height, filter),
      columns_(width, columns, new_width, filter) {}

void ImageResampler::apply(const float* in, float* out, std::vector<float>& scratch) const {
  const int64_t row = columns_.size() * channels_;
  scratch.resize(static_cast<std::size_t>(height_ * row));
  float* narrow = scratch.data();
  for (int64_t y = 0; y < height_; ++y) {
    for (int64_t x = 0; x < columns_.size(); ++x) {
      const float* from = in + (y * width_ + columns_.first(x)) * channels_;
      const auto weights = columns_.weights(x);
      for (int64_t c = 0; c < channels_; ++c) {
        double sum = 0;
        for (std::size_t w = 0; w < weights.size(); ++w)
          sum += weights[w] * from[static_cast<int64_t>(w) * channels_ + c];
        *narrow++ = static_cast<float>(sum);
      }
    }
  }
  for (int64_t y = 0; y < rows_.size(); ++y) {
    const float* from = scratch.data() + rows_.first(y) * row;
    const auto weights = rows_.weights(y);
    for (int64_t x = 0; x < row; ++x) {
      double sum = 0;
      for (std::size_t w = 0; w < weights.size(); ++w) sum += weights[w] * from[static_cast<int64_t>(w) * row + x];
      *out++ = static_cast<float>(sum);
    }
  }
}

}  // namespace duel
