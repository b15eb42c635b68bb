#include "tools/score/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

constexpr double most_outside = 0.01;
constexpr int64_t rows_a_tile = 64;

struct Extremes {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
};

// Calls visit(tile, row, values) for all rows, tile by tile.
template <class Visit>
void for_rows(const FeatureMatrix& features, Visit&& visit) {
  for_tiles((features.count() + rows_a_tile - 1) / rows_a_tile, [&](int64_t tile) {
    std::vector<double> values(static_cast<std::size_t>(features.width()));
    for (int64_t row = tile * rows_a_tile; row < std::min(features.count(), (tile + 1) * rows_a_tile); ++row) {
      features.copy_row(row, values.data());
      visit(static_cast<std::size_t>(tile), row, values);
    }
  });
}

std::size_t tiles_of(const FeatureMatrix& features) {
  return static_cast<std::size_t>((features.count() + rows_a_tile - 1) / rows_a_tile);
}

Extremes extremes_of(const FeatureMatrix& features) {
  std::vector<Extremes> tiles(tiles_of(features));
  for_rows(features, [&](std::size_t tile, int64_t, const std::vector<double>& values) {
    const auto [least, greatest] = std::ranges::minmax(values);
    tiles[tile].least = std::min(tiles[tile].least, least);
    tiles[tile].greatest = std::max(tiles[tile].greatest, greatest);
  });
  Extremes out;
  for (const Extremes& tile : tiles) {
    out.least = std::min(out.least, tile.least);
    out.greatest = std::max(out.greatest, tile.greatest);
  }
  return out;
}

void check_range_is_not_another(const FeatureMatrix& values, const Extremes& extremes) {
  const bool floating = values.type() == ElementType::f32 || values.type() == ElementType::f64;
  if (!floating || extremes.least < -1 || extremes.greatest > 1) return;
  fail_data(values.place(),
            fmt::format("its images have values from {:.6g} to {:.6g}, and white is expected to be 255", extremes.least,
                        extremes.greatest),
            extremes.least < 0 ? "give --range -1,1" : "give --range 0,1");
}

}  // namespace

PixelRange parse_pixel_range(const std::string& text) {
  const std::size_t comma = text.find(',');
  std::optional<double> black, white;
  if (comma != std::string::npos) {
    black = parse_float(text.substr(0, comma));
    white = parse_float(text.substr(comma + 1));
  }
  if (black && white && *black != *white) return {*black, *white};
  throw UserError(ExitCode::experiment, fmt::format("--range {}: not two numbers that differ", text),
                  "give the values of black and white: --range -1,1");
}

Pixels pixels_of(const FeatureMatrix& values, const std::optional<PixelRange>& range) {
  const Extremes extremes = extremes_of(values);
  if (!range) check_range_is_not_another(values, extremes);
  const auto [black, white] = range.value_or(PixelRange{});
  Bytes bytes(static_cast<std::size_t>(values.count() * values.width()));
  std::vector<int64_t> outside(tiles_of(values), 0);
  for_rows(values, [&](std::size_t tile, int64_t row, const std::vector<double>& pixels) {
    std::byte* out = bytes.data() + row * values.width();
    for (const double pixel : pixels) {
      const double scaled = std::round((pixel - black) / (white - black) * 255);
      if (scaled < 0 || scaled > 255) ++outside[tile];
      *out++ = static_cast<std::byte>(std::clamp(scaled, 0.0, 255.0));
    }
  });
  int64_t all = 0;
  for (const int64_t count : outside) all += count;
  const int64_t total = values.count() * values.width();
  if (static_cast<double>(all) > most_outside * static_cast<double>(total)) {
    fail_data(values.place(),
              fmt::format("its images have values from {:.6g} to {:.6g}, where black is {:g} and white {:g}",
                          extremes.least, extremes.greatest, black, white),
              "give the values of black and white: --range LOW,HIGH");
  }
  Pixels out{{values.count(), values.shape(), ElementType::u8, std::move(bytes), 0, values.place(), values.origin()},
             {}};
  if (all > 0) {
    out.warnings.push_back(fmt::format("{}: {} of {} values lie beyond black and white, and were taken for these",
                                       values.place(), all, total));
  }
  return out;
}

}  // namespace duel
