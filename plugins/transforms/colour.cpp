#include "plugins/transforms/colour.hpp"

#include <algorithm>
#include <cmath>

#include "graph/op.hpp"

namespace duel {
namespace {

double grey_of(const float* pixel) { return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]; }

void check_channels(const char* transform, const Field& field) {
  check_image(transform, field);
  const int64_t channels = field.shape[2];
  if (channels == 1 || channels == 3 || channels == 4) return;
  throw ShapeError(fmt::format("{}: {} {} has {} channels, expected 1, 3 or 4", transform, field.name,
                               to_string(field.shape), channels));
}

// One image being changed in place.
class Colours {
 public:
  Colours(float* values, const Shape& shape, double low, double high)
      : values_(values), pixels_(shape[0] * shape[1]), channels_(shape[2]), low_(low), high_(high) {}

  void brighten(double factor) {
    each_pixel([&](float* pixel) { mix(pixel, low_, factor); });
  }
  void add_contrast(double factor) {
    double sum = 0;
    each_pixel([&](float* pixel) { sum += grey(pixel); });
    const double mean = sum / static_cast<double>(pixels_);
    each_pixel([&](float* pixel) { mix(pixel, mean, factor); });
  }
  void saturate(double factor) {
    each_pixel([&](float* pixel) { mix(pixel, grey(pixel), factor); });
  }
  void turn_hue(double turn) {
    each_pixel([&](float* pixel) { turn_pixel(pixel, turn); });
  }
  bool has_colour() const { return channels_ >= 3; }

 private:
  template <class Change>
  void each_pixel(Change&& change) {
    for (int64_t i = 0; i < pixels_; ++i) change(values_ + i * channels_);
  }
  int64_t colours() const { return has_colour() ? 3 : 1; }
  double grey(const float* pixel) const { return has_colour() ? grey_of(pixel) : pixel[0]; }
  float clipped(double value) const { return static_cast<float>(std::clamp(value, low_, high_)); }

  void mix(float* pixel, double ground, double factor) const {
    for (int64_t c = 0; c < colours(); ++c) pixel[c] = clipped(ground + (pixel[c] - ground) * factor);
  }

  // Hue is where on the hexagon red, yellow, green, cyan, blue, magenta a colour lies; the largest and the least of the
  // three stay as they are.
  void turn_pixel(float* pixel, double turn) const {
    const double most = std::max({pixel[0], pixel[1], pixel[2]});
    const double least = std::min({pixel[0], pixel[1], pixel[2]});
    const double span = most - least;
    if (span <= 0) return;
    double sector = most == pixel[0]   ? (pixel[1] - pixel[2]) / span
                    : most == pixel[1] ? 2 + (pixel[2] - pixel[0]) / span
                                       : 4 + (pixel[0] - pixel[1]) / span;
    sector = sector / 6 + turn;
    sector = 6 * (sector - std::floor(sector));
    // Red is full for sectors within 1 of 0, and gone beyond 2; green and blue the same around 2 and 4.
    for (int c = 0; c < 3; ++c) {
      const double distance = std::abs(std::remainder(sector - 2 * c, 6.0));
      pixel[c] = clipped(least + span * std::clamp(2 - distance, 0.0, 1.0));
    }
  }

  float* values_;
  int64_t pixels_, channels_;
  double low_, high_;
};

double factor(double amount, RandomStream& random) { return random.uniform(std::max(0.0, 1 - amount), 1 + amount); }

}  // namespace

// ── color_jitter ───────────────────────────────────────────────────────────────────────────────────────────────────
std::string ColorJitter::conflict() const {
  return range.size() != 2 || !(range[0] < range[1]) ? "'range' has two numbers, the lower first" : "";
}

Field ColorJitter::changed(const Field& field) const {
  check_channels("color_jitter", field);
  return field;
}

void ColorJitter::change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const {
  std::ranges::copy(in, out);
  if (random == nullptr) return;
  Colours colours(out, field.shape, range[0], range[1]);
  if (brightness > 0) colours.brighten(factor(brightness, *random));
  if (contrast > 0) colours.add_contrast(factor(contrast, *random));
  if (saturation > 0 && colours.has_colour()) colours.saturate(factor(saturation, *random));
  if (hue > 0 && colours.has_colour()) colours.turn_hue(random->uniform(-hue, hue));
}

void ColorJitter::declare(Declaration<ColorJitter>& d) {
  d.help("brightness, contrast, saturation and hue changed by amounts drawn for each example");
  d.parameter("brightness", &ColorJitter::brightness, "factor within 1 ± this").min(0);
  d.parameter("contrast", &ColorJitter::contrast, "factor within 1 ± this").min(0);
  d.parameter("saturation", &ColorJitter::saturation, "factor within 1 ± this").min(0);
  d.parameter("hue", &ColorJitter::hue, "share of the colour circle, to either side").min(0).max(0.5);
  d.parameter("range", &ColorJitter::range, "values of black and white");
  declare_fields(d);
}

// ── greyscale ──────────────────────────────────────────────────────────────────────────────────────────────────────
std::string Greyscale::conflict() const { return channels == 2 ? "'channels' is 1 or 3" : ""; }

Field Greyscale::changed(const Field& field) const {
  check_channels("greyscale", field);
  return {field.name, {field.shape[0], field.shape[1], channels}, 0};
}

void Greyscale::change(const Field& field, std::span<const float> in, float* out, RandomStream*) const {
  const int64_t before = field.shape[2];
  for (std::size_t at = 0; at < in.size(); at += static_cast<std::size_t>(before), out += channels) {
    const double grey = before == 1 ? in[at] : grey_of(in.data() + at);
    std::fill_n(out, channels, static_cast<float>(grey));
  }
}

void Greyscale::declare(Declaration<Greyscale>& d) {
  d.help("images in shades of grey");
  d.parameter("channels", &Greyscale::channels, "1, or 3 equal ones").main().min(1).max(3);
  declare_fields(d);
}

}  // namespace duel
