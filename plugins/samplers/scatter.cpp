#include "plugins/samplers/scatter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "plugins/samplers/canvas.hpp"

namespace duel {
namespace {

constexpr Colour white{255, 255, 255}, black{40, 40, 40}, frame_grey{120, 120, 120}, line_grey{228, 228, 228};
// Blue and vermilion of Okabe and Ito's palette, which colour-blind readers can tell apart.
constexpr Colour real_colour{0, 114, 178}, generated_colour{213, 94, 0};

constexpr int64_t picture_size = 600;
constexpr int64_t left_margin = 74, top_margin = 36, frame_size = 500;
constexpr double dot_radius = 2.6, dot_opacity = 0.55;

void check_points(const Shape& shape) {
  if (shape.rank() == 2 && shape[1] == 2) return;
  throw ShapeError(fmt::format("scatter: expected points [count, 2], found {}", to_string(shape)));
}

// The smallest interval that holds all coordinates, and a tenth of it on both sides.
std::array<double, 2> padded_range(const HostTensor& points) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : points.values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return {-1, 1};
  const double margin = high > low ? 0.1 * (high - low) : std::max(1.0, 0.1 * std::abs(low));
  return {low - margin, high + margin};
}

// The step of 1, 2 or 5 times a power of ten that gives four to ten ticks.
double tick_step(double span) {
  const double rough = span / 8;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

class Axes {
 public:
  Axes(Canvas& canvas, std::array<double, 2> range) : canvas_(canvas), range_(range) {}

  double column(double x) const { return left_margin + share(x) * frame_size; }
  double row(double y) const { return top_margin + (1 - share(y)) * frame_size; }
  bool inside(double x, double y) const { return x >= range_[0] && x <= range_[1] && y >= range_[0] && y <= range_[1]; }

  void draw() {
    const double step = tick_step(range_[1] - range_[0]);
    // Counted in steps, so that the ticks are exact multiples.
    const auto first = static_cast<int64_t>(std::ceil(range_[0] / step - 1e-9));
    const auto last = static_cast<int64_t>(std::floor(range_[1] / step + 1e-9));
    for (int64_t i = first; i <= last; ++i) draw_tick(static_cast<double>(i) * step);
    for (const int64_t edge : {int64_t{0}, frame_size}) {
      canvas_.rectangle(left_margin, top_margin + edge, frame_size + 1, 1, frame_grey);
      canvas_.rectangle(left_margin + edge, top_margin, 1, frame_size + 1, frame_grey);
    }
  }

 private:
  double share(double value) const { return (value - range_[0]) / (range_[1] - range_[0]); }

  void draw_tick(double value) {
    constexpr int64_t tick = 6, gap = 5;
    const std::string label = fmt::format("{:.4g}", value);
    const int64_t width = Canvas::text_width(label);
    const auto x = static_cast<int64_t>(std::lround(column(value)));
    const auto y = static_cast<int64_t>(std::lround(row(value)));
    constexpr int64_t bottom = top_margin + frame_size;
    canvas_.rectangle(x, top_margin, 1, frame_size, line_grey);
    canvas_.rectangle(left_margin, y, frame_size, 1, line_grey);
    canvas_.rectangle(x, bottom, 1, tick, frame_grey);
    canvas_.rectangle(left_margin - tick, y, tick, 1, frame_grey);
    canvas_.text(x - width / 2, bottom + tick + gap, label, black);
    canvas_.text(left_margin - tick - gap - width, y - Canvas::text_height / 2, label, black);
  }

  Canvas& canvas_;
  std::array<double, 2> range_;
};

// Returns how many points lie outside.
int64_t draw_points(const HostTensor& points, Colour colour, const Axes& axes, Canvas& canvas) {
  int64_t outside = 0;
  for (std::size_t i = 0; i + 1 < points.values.size(); i += 2) {
    const double x = points.values[i], y = points.values[i + 1];
    if (axes.inside(x, y)) {
      canvas.dot(axes.column(x), axes.row(y), dot_radius, colour, dot_opacity);
    } else {
      ++outside;
    }
  }
  return outside;
}

// Writes one entry of the legend; returns where the next begins.
int64_t draw_entry(int64_t left, const std::string& name, int64_t outside, Colour colour, Canvas& canvas) {
  constexpr int64_t top = (top_margin - Canvas::text_height) / 2;
  canvas.dot(static_cast<double>(left) + 6, top + Canvas::text_height / 2.0, 5, colour, 1);
  const std::string text = outside == 0 ? name : fmt::format("{} - {} outside", name, outside);
  canvas.text(left + 18, top, text, black);
  return left + 18 + Canvas::text_width(text) + 26;
}

}  // namespace

void ScatterPlot::check(const Shape& samples, const Shape* reference) const {
  check_points(samples);
  if (reference != nullptr) check_points(*reference);
}

Picture ScatterPlot::render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const {
  check(samples.shape, reference != nullptr ? &reference->shape : nullptr);
  Canvas canvas(picture_size, picture_size, white);
  const bool given = style.range_given && !style.minmax;
  Axes axes(canvas, given ? style.range : padded_range(reference != nullptr ? *reference : samples));
  axes.draw();
  int64_t left = left_margin;
  if (reference != nullptr) {
    const int64_t outside = draw_points(*reference, real_colour, axes, canvas);
    left = draw_entry(left, "real", outside, real_colour, canvas);
  }
  const int64_t outside = draw_points(samples, generated_colour, axes, canvas);
  draw_entry(left, "generated", outside, generated_colour, canvas);
  return canvas.take();
}

void ScatterPlot::declare(Declaration<ScatterPlot>& d) { d.help("points of a plane, generated ones over real ones"); }

}  // namespace duel
