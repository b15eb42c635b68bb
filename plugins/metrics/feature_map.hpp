// Single examples with a height, a width and channels, images among them, for metrics that look at where something is.
#pragma once

#include <string>
#include <vector>

#include "evaluate/features.hpp"

namespace duel {

// Row-major: the channels of a position lie together. An image is a map whose features are its pixels.
struct FeatureMap {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  std::vector<double> values;  // pixels 0 … 255, or features

  FeatureMap() = default;
  FeatureMap(int64_t h, int64_t w, int64_t c) : height(h), width(w), channels(c) {
    values.resize(static_cast<std::size_t>(h * w * c));
  }
  // The channels of a position.
  double* at(int64_t y, int64_t x) { return values.data() + (y * width + x) * channels; }
  const double* at(int64_t y, int64_t x) const { return values.data() + (y * width + x) * channels; }
};

// Row `row` of rows that hold_images().
FeatureMap map_of(const FeatureMatrix& rows, int64_t row);

// Throws UserError(ExitCode::data) naming the first row with a pixel that is outside 0 … 255 by more than half a level:
// images of another scale would get a score that means nothing. Where no pixel is above 1, which is another scale or
// all black, adds a warning.
void check_pixel_range(const FeatureMatrix& images, std::vector<std::string>& warnings);

// Throws UserError(ExitCode::data) naming the second side where height, width or channels differ.
void check_same_shape(const FeatureMatrix& real, const FeatureMatrix& fake);

}  // namespace duel
