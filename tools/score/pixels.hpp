// Arrays of images as bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/features.hpp"

namespace duel {

// The values of black and of white.
struct PixelRange {
  double black = 0;
  double white = 255;
};

// "LOW,HIGH": two numbers that differ, or UserError(ExitCode::experiment) naming the option.
PixelRange parse_pixel_range(const std::string& text);

struct Pixels {
  FeatureMatrix images;  // 0 … 255 as whole numbers, rounded as files of images are
  std::vector<std::string> warnings;
};

// `values` are images. Without a range, black is 0 and white 255; then floating-point images whose values all lie
// within [−1, 1] are refused, as black and white are elsewhere for sure. Values beyond the range become black or white,
// with a warning; where these are more than one in a hundred, the range is wrong, and they are refused
// (UserError(ExitCode::data)). Runs on the threads of the enclosing ThreadPool::run.
Pixels pixels_of(const FeatureMatrix& values, const std::optional<PixelRange>& range);

}  // namespace duel
