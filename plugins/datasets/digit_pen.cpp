#include "plugins/datasets/digit_pen.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/error.hpp"
#include "plugins/datasets/digit_strokes.hpp"

namespace duel {
namespace {

constexpr double pi = std::numbers::pi;

struct Point {
  double x = 0;
  double y = 0;
};
Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(double factor, Point a) { return {factor * a.x, factor * a.y}; }

double limited_normal(RandomStream& random, double deviation, double limit) {
  return std::clamp(deviation * random.normal(), -limit, limit);
}

// ── the hand ───────────────────────────────────────────────────────────────────────────────────────────────────────

// A slow wave that bends the plane, so that strokes which meet still meet.
struct Wave {
  Point push, frequency;
  double phase;

  explicit Wave(RandomStream& random)
      : push{0.032 * random.normal(), 0.024 * random.normal()},
        frequency{random.uniform(-0.9, 0.9), random.uniform(-0.9, 0.9)},
        phase(random.uniform(0, 2 * pi)) {}

  Point at(Point p) const { return std::sin(2 * pi * (frequency.x * p.x + frequency.y * p.y) + phase) * push; }
};

// How one digit is deformed within its box: bent, squeezed, slanted and turned.
struct Hand {
  Wave first, second;
  double squeeze, slant, turn;

  explicit Hand(RandomStream& random)
      : first(random),
        second(random),
        squeeze(std::exp(limited_normal(random, 0.14, 0.32))),
        slant(0.10 + limited_normal(random, 0.17, 0.36)),
        turn(limited_normal(random, 0.07, 0.15)) {}

  Point operator()(Point p) const {
    p = p + first.at(p) + second.at(p);
    const Point upright{squeeze * (p.x - 0.5) - slant * (p.y - 0.5), p.y - 0.5};
    return {std::cos(turn) * upright.x - std::sin(turn) * upright.y,
            std::sin(turn) * upright.x + std::cos(turn) * upright.y};
  }
};

// ── the line ───────────────────────────────────────────────────────────────────────────────────────────────────────

constexpr int pieces = 6;  // straight ones between two knots
constexpr std::size_t most_segments = 4 * pieces * most_knots;

struct Segment {
  Point from, to;
  double radius = 0;  // of the pen, as a multiple of its mean
};

struct Line {
  std::array<Segment, most_segments> segments;
  std::size_t count = 0;

  std::span<Segment> all() { return std::span(segments).first(count); }
};

// Cubic Hermite from a to b; t in [0, 1].
Point hermite(Point a, Point slope_a, Point b, Point slope_b, double t) {
  const double s = 1 - t;
  return (s * s * (1 + 2 * t)) * a + (s * s * t) * slope_a + (t * t * (3 - 2 * t)) * b - (t * t * s) * slope_b;
}

// Catmull-Rom slopes; one-sided at the ends and at corners.
Point slope(std::span<const Point> knots, const Stroke& stroke, std::size_t i, bool leaving) {
  const bool broken = stroke[i].corner || i == 0 || i + 1 == knots.size();
  if (!broken) return 0.5 * (knots[i + 1] - knots[i - 1]);
  return leaving ? knots[i + 1] - knots[i] : knots[i] - knots[i - 1];
}

void add_stroke(const Stroke& stroke, const Hand& hand, RandomStream& random, Line& line) {
  DUEL_CHECK(stroke.size() >= 2 && stroke.size() <= most_knots, "a stroke of {} knots", stroke.size());
  std::array<Point, most_knots> memory;
  const std::span<Point> knots = std::span(memory).first(stroke.size());
  for (std::size_t i = 0; i < knots.size(); ++i) {
    const Point shake{limited_normal(random, 0.014, 0.03), limited_normal(random, 0.014, 0.03)};
    knots[i] = hand(Point{stroke[i].x, stroke[i].y} + shake);
  }
  const double pressure = random.uniform(0, 2 * pi);
  for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
    Point from = knots[i];
    for (int piece = 1; piece <= pieces; ++piece) {
      const double t = static_cast<double>(piece) / pieces;
      const Point to =
          hermite(knots[i], slope(knots, stroke, i, true), knots[i + 1], slope(knots, stroke, i + 1, false), t);
      const double along = (static_cast<double>(i) + t) / static_cast<double>(knots.size());
      DUEL_CHECK(line.count < most_segments, "too many strokes");
      line.segments[line.count++] = {from, to, 1 + 0.14 * std::sin(2 * pi * along + pressure)};
      from = to;
    }
  }
}

// Scales the line to the height (or width) that chance gives it and moves it to its place. Coordinates are then pixels.
void place(std::span<Segment> line, double size, RandomStream& random) {
  Point low{1e9, 1e9}, high{-1e9, -1e9};
  for (const Segment& segment : line) {
    for (const Point p : {segment.from, segment.to}) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const double height = random.uniform(0.56, 0.66) * size;
  const double widest = 0.66 * size;
  const double scale = std::min(height / (high.y - low.y), widest / (high.x - low.x));
  const double shift = 0.035 * size;
  const Point centre{size / 2 + limited_normal(random, shift, 1.35 * shift),
                     size / 2 + limited_normal(random, shift, 1.35 * shift)};
  const Point middle = 0.5 * (low + high);
  for (Segment& segment : line) {
    segment.from = centre + scale * (segment.from - middle);
    segment.to = centre + scale * (segment.to - middle);
  }
}

// ── the ink ────────────────────────────────────────────────────────────────────────────────────────────────────────

// Lowers cover[pixel] to the distance of the pixel's centre from the pen's edge, where the segment comes near.
void rub(const Segment& segment, double radius, double reach, int64_t size, std::span<float> cover) {
  const auto clamp_pixel = [&](double value) { return std::clamp<int64_t>(static_cast<int64_t>(value), 0, size - 1); };
  const int64_t left = clamp_pixel(std::min(segment.from.x, segment.to.x) - reach);
  const int64_t right = clamp_pixel(std::max(segment.from.x, segment.to.x) + reach);
  const int64_t top = clamp_pixel(std::min(segment.from.y, segment.to.y) - reach);
  const int64_t bottom = clamp_pixel(std::max(segment.from.y, segment.to.y) + reach);
  const Point along = segment.to - segment.from;
  const double length_squared = std::max(along.x * along.x + along.y * along.y, 1e-12);
  const auto ax = static_cast<float>(along.x), ay = static_cast<float>(along.y);
  const auto inverse = static_cast<float>(1 / length_squared);
  const auto edge = static_cast<float>(radius * segment.radius);
  for (int64_t y = top; y <= bottom; ++y) {
    const auto dy = static_cast<float>(static_cast<double>(y) + 0.5 - segment.from.y);
    float* row = cover.data() + y * size;
    for (int64_t x = left; x <= right; ++x) {
      const auto dx = static_cast<float>(static_cast<double>(x) + 0.5 - segment.from.x);
      const float t = std::clamp((dx * ax + dy * ay) * inverse, 0.0f, 1.0f);
      const float ox = dx - t * ax, oy = dy - t * ay;
      row[x] = std::min(row[x], std::sqrt(ox * ox + oy * oy) - edge);
    }
  }
}

struct Rgb {
  std::array<double, 3> channel{};
};

// Hue in turns, saturation and brightness in [0, 1].
Rgb from_hue(double hue, double saturation, double brightness) {
  Rgb colour;
  for (int c = 0; c < 3; ++c) {
    const double distance = std::abs(std::fmod((hue - std::floor(hue)) * 6 + 4.0 * c, 6.0) - 3) - 1;
    colour.channel[static_cast<std::size_t>(c)] =
        brightness * (1 - saturation + saturation * std::clamp(distance, 0.0, 1.0));
  }
  return colour;
}

uint8_t to_byte(double share) { return static_cast<uint8_t>(std::clamp(share, 0.0, 1.0) * 255 + 0.5); }

// Mixes ground and ink by how much ink each pixel took.
void paint(std::span<const float> ink, const Rgb& ground, const Rgb& colour, std::size_t channels,
           std::span<uint8_t> out) {
  for (std::size_t i = 0; i < ink.size(); ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      out[i * channels + c] = to_byte(ground.channel[c] + ink[i] * (colour.channel[c] - ground.channel[c]));
    }
  }
}

// From distances to the share of ink, soft over `blur` pixels, and uneven by `noise`.
void soak(std::span<float> cover, double blur, double noise, RandomStream& random) {
  for (float& pixel : cover) {
    const double share = std::clamp(0.5 - pixel / blur, 0.0, 1.0);
    const double smooth = share * share * (3 - 2 * share);
    pixel = static_cast<float>(smooth == 0 || noise == 0 ? smooth : smooth * (1 - noise * random.uniform()));
  }
}

}  // namespace

void draw_digit(int digit, const DigitLook& look, RandomStream& random, std::span<uint8_t> out) {
  const auto pixels = static_cast<std::size_t>(look.size * look.size);
  const std::size_t channels = look.colour ? 3 : 1;
  DUEL_CHECK(look.size >= 16 && out.size() == pixels * channels, "{} bytes for a digit of {}", out.size(), look.size);

  const auto styles = digit_styles(digit);
  const DigitStyle& style = styles[random.below(styles.size())];
  const Hand hand(random);
  Line line;
  for (const Stroke& stroke : style) add_stroke(stroke, hand, random, line);
  const auto size = static_cast<double>(look.size);
  place(line.all(), size, random);

  const double pixel = size / 28;  // widths are meant for 28 pixels
  const double chance = std::pow(random.uniform(), 1.4);
  const double radius = pixel * (0.95 + 0.95 * look.pressure.value_or(chance));
  const double blur = 1.5 * pixel;
  static thread_local std::vector<float> cover;
  cover.assign(pixels, std::numeric_limits<float>::max());
  for (const Segment& segment : line.all()) {
    rub(segment, radius, radius * segment.radius + blur, look.size, cover);
  }
  soak(cover, blur, look.noise, random);

  const double any_hue = random.uniform();
  const Rgb ground = from_hue(random.uniform(), random.uniform(0.3, 1), random.uniform(0, 0.35));
  const double saturation = random.uniform(0.15, 0.75);
  const Rgb bright =
      from_hue(look.hue.value_or(any_hue), look.hue ? 0.25 + saturation : saturation, random.uniform(0.85, 1));
  const double white = random.uniform(0.9, 1);
  if (look.hue) {
    paint(cover, {}, bright, channels, out);  // on black: no other colour is there to be named
  } else if (look.colour) {
    paint(cover, ground, bright, channels, out);
  } else {
    paint(cover, {}, {{white, white, white}}, channels, out);
  }
}

}  // namespace duel
