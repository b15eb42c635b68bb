#include "plugins/samplers/grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace duel {
namespace {

constexpr int64_t legible_size = 400;
constexpr uint8_t gap_grey = 96;
constexpr int64_t gap_between_grids = 12;

struct Layout {
  int64_t columns, rows, factor;
  int64_t image_height, image_width, channels;

  int64_t cell_height() const { return image_height * factor + 1; }
  int64_t cell_width() const { return image_width * factor + 1; }
  int64_t height() const { return rows * cell_height() + 1; }
  int64_t width() const { return columns * cell_width() + 1; }
};

void check_images(const Shape& shape) {
  if (shape.rank() != 4 || shape[0] < 1 || (shape[3] != 1 && shape[3] != 3)) {
    throw ShapeError(fmt::format("grid: expected images [count, height, width, 1 or 3], found {}", to_string(shape)));
  }
}

Layout arrange(const Shape& shape, int64_t columns) {
  Layout layout{};
  layout.columns = columns > 0 ? columns : static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(shape[0]))));
  layout.rows = (shape[0] + layout.columns - 1) / layout.columns;
  layout.image_height = shape[1];
  layout.image_width = shape[2];
  layout.channels = shape[3];
  layout.factor = 1;
  const int64_t size = std::max(layout.height(), layout.width());
  layout.factor = (legible_size + size - 1) / size;
  return layout;
}

std::array<double, 2> finite_range(const HostTensor& images) {
  std::array<double, 2> range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const double value : images.values) {
    if (!std::isfinite(value)) continue;
    range = {std::min(range[0], value), std::max(range[1], value)};
  }
  return range;
}

std::array<double, 2> range_of(const HostTensor& images, const SampleStyle& style) {
  return style.minmax ? finite_range(images) : style.range;
}

Picture blank(int64_t height, int64_t width, int64_t channels) {
  return {height, width, channels, std::vector<uint8_t>(static_cast<std::size_t>(height * width * channels), gap_grey)};
}

uint8_t to_grey(double value, const std::array<double, 2>& range) {
  const double share = (value - range[0]) / (range[1] - range[0]);
  if (!(share > 0)) return 0;  // not finite, or a range of nothing
  return static_cast<uint8_t>(std::lround(std::min(share, 1.0) * 255));
}

// Draws the images into the picture, their grid's left edge at column `left`.
void draw_grid(const HostTensor& images, const Layout& layout, const std::array<double, 2>& range, int64_t left,
               Picture& picture) {
  for (int64_t i = 0; i < images.shape[0]; ++i) {
    const int64_t top = i / layout.columns * layout.cell_height() + 1;
    const int64_t begin = left + i % layout.columns * layout.cell_width() + 1;
    for (int64_t y = 0; y < layout.image_height * layout.factor; ++y) {
      const int64_t row = (i * layout.image_height + y / layout.factor) * layout.image_width;
      uint8_t* out = picture.pixels.data() + ((top + y) * picture.width + begin) * layout.channels;
      for (int64_t x = 0; x < layout.image_width * layout.factor; ++x) {
        const double* value = images.values.data() + (row + x / layout.factor) * layout.channels;
        for (int64_t c = 0; c < layout.channels; ++c) *out++ = to_grey(value[c], range);
      }
    }
  }
}

}  // namespace

void GridPlot::check(const Shape& samples, const Shape* reference) const {
  check_images(samples);
  if (reference == nullptr) return;
  check_images(*reference);
  if (reference->without_first() == samples.without_first()) return;
  throw ShapeError(
      fmt::format("grid: real images {} beside generated ones {}", to_string(*reference), to_string(samples)));
}

Picture side_by_side(const GridOfImages& left, const GridOfImages& right, const SampleStyle& style) {
  const Layout on_right = arrange(right.images.shape, right.columns);
  Layout on_left = arrange(left.images.shape, left.columns);
  on_left.factor = on_right.factor;
  const int64_t begin = on_left.width() + gap_between_grids;
  Picture picture = blank(std::max(on_left.height(), on_right.height()), begin + on_right.width(), on_right.channels);
  draw_grid(left.images, on_left, range_of(left.images, style), 0, picture);
  draw_grid(right.images, on_right, range_of(right.images, style), begin, picture);
  return picture;
}

Picture GridPlot::render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const {
  check(samples.shape, reference != nullptr ? &reference->shape : nullptr);
  const Layout layout = arrange(samples.shape, style.columns);
  if (reference != nullptr) return side_by_side({*reference, layout.columns}, {samples, layout.columns}, style);
  Picture picture = blank(layout.height(), layout.width(), layout.channels);
  draw_grid(samples, layout, range_of(samples, style), 0, picture);
  return picture;
}

void GridPlot::declare(Declaration<GridPlot>& d) { d.help("images side by side"); }

}  // namespace duel
