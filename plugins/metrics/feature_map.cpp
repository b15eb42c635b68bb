#include "plugins/metrics/feature_map.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

constexpr double lowest_pixel = -0.5, highest_pixel = 255.5;

// Of the images of one tile: the first pixel out of range, and the brightest up to there.
struct PixelRange {
  int64_t bad_row = -1;  // none
  double bad_pixel = 0;
  double brightest = 0;
};

PixelRange range_of(const FeatureMatrix& images, int64_t begin, int64_t end) {
  PixelRange range;
  std::vector<double> pixels(static_cast<std::size_t>(images.width()));
  for (int64_t row = begin; row < end; ++row) {
    images.copy_row(row, pixels.data());
    for (const double pixel : pixels) {
      if (pixel < lowest_pixel || pixel > highest_pixel) {
        range.bad_row = row;
        range.bad_pixel = pixel;
        return range;
      }
      range.brightest = std::max(range.brightest, pixel);
    }
  }
  return range;
}

}  // namespace

FeatureMap map_of(const FeatureMatrix& rows, int64_t row) {
  DUEL_CHECK(rows.holds_images(), "an image of shape {}", to_string(rows.shape()));
  FeatureMap image(rows.shape()[0], rows.shape()[1], rows.shape()[2]);
  rows.copy_row(row, image.values.data());
  return image;
}

void check_pixel_range(const FeatureMatrix& images, std::vector<std::string>& warnings) {
  constexpr int64_t rows_a_tile = 64;
  const int64_t tiles = (images.count() + rows_a_tile - 1) / rows_a_tile;
  std::vector<PixelRange> ranges(static_cast<std::size_t>(tiles));
  for_tiles(tiles, [&](int64_t tile) {
    ranges[static_cast<std::size_t>(tile)] =
        range_of(images, tile * rows_a_tile, std::min(images.count(), (tile + 1) * rows_a_tile));
  });
  double brightest = 0;
  for (const PixelRange& range : ranges) {
    if (range.bad_row >= 0) {
      fail_data(images.place(),
                fmt::format("the image in row {} (counted from 0) has a pixel of {:.6g}, and pixels are 0 to 255",
                            range.bad_row, range.bad_pixel),
                "scale the images to 0 to 255");
    }
    brightest = std::max(brightest, range.brightest);
  }
  if (brightest > 1) return;
  warnings.push_back(
      fmt::format("no pixel of {} is above {:.6g}: pixels are taken as 0 to 255", images.place(), brightest));
}

void check_same_shape(const FeatureMatrix& real, const FeatureMatrix& fake) {
  if (real.shape() == fake.shape()) return;
  fail_data(fake.place(),
            fmt::format("holds examples of shape {}, and those of {} have {}", to_string(fake.shape()), real.place(),
                        to_string(real.shape())),
            "both sides need the same height, width and channels");
}

}  // namespace duel
