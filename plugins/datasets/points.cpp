#include "plugins/datasets/points.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace duel {
namespace {

constexpr double pi = std::numbers::pi;

std::vector<Field> point_field(int64_t dimensions) { return {{"point", {dimensions}, 0}}; }

std::vector<Field> point_and_label(int64_t modes) { return {{"point", {2}, 0}, {"label", {}, modes}}; }

void write_point(float* out, double x, double y, double deviation, RandomStream& random) {
  out[0] = static_cast<float>(x + deviation * random.normal());
  out[1] = static_cast<float>(y + deviation * random.normal());
}

// A list of one number stands for all coordinates.
double coordinate(const std::vector<double>& values, int64_t axis) {
  return values[values.size() == 1 ? 0 : static_cast<std::size_t>(axis)];
}

std::string wrong_length(const char* name, const std::vector<double>& values, int64_t dimensions) {
  if (values.size() == 1 || std::ssize(values) == dimensions) return {};
  return fmt::format("'{}' has {} numbers for points of {} dimensions", name, values.size(), dimensions);
}

template <class Component>
void declare_deviation(Declaration<Component>& d, const char* help) {
  d.parameter("deviation", &Component::deviation, help).min(0);
}

}  // namespace

// ── gaussian ───────────────────────────────────────────────────────────────────────────────────────────────────────
int64_t GaussianPoints::length() const {
  if (dimensions) return *dimensions;
  const std::size_t longest = std::max(mean.size(), deviation.size());
  return longest > 1 ? static_cast<int64_t>(longest) : 2;
}

std::string GaussianPoints::conflict() const {
  const std::string wrong_mean = wrong_length("mean", mean, length());
  return wrong_mean.empty() ? wrong_length("deviation", deviation, length()) : wrong_mean;
}

std::vector<Field> GaussianPoints::drawn_fields() const { return point_field(length()); }

std::string GaussianPoints::description() const {
  return fmt::format("gaussian: mean {}, deviation {}, dimensions {}", mean, deviation, length());
}

DrawExample GaussianPoints::drawing() const {
  return [self = *this, n = length()](RandomStream& random, std::span<float* const> out) {
    for (int64_t i = 0; i < n; ++i) {
      out[0][i] = static_cast<float>(coordinate(self.mean, i) + coordinate(self.deviation, i) * random.normal());
    }
  };
}

void GaussianPoints::declare(Declaration<GaussianPoints>& d) {
  d.help("points with independent normal coordinates; field point");
  d.parameter("mean", &GaussianPoints::mean, "of all coordinates, or a list with one for each");
  d.parameter("deviation", &GaussianPoints::deviation, "standard deviation of all coordinates, or a list").min(0);
  d.parameter("dimensions", &GaussianPoints::dimensions, "of a point; default: as many as the lists have, else 2")
      .min(1)
      .max(1 << 20);
  declare_drawing(d);
}

// ── ring ───────────────────────────────────────────────────────────────────────────────────────────────────────────
std::vector<Field> RingPoints::drawn_fields() const { return point_and_label(modes); }

std::string RingPoints::description() const {
  return fmt::format("ring: modes {}, radius {}, deviation {}", modes, radius, deviation);
}

DrawExample RingPoints::drawing() const {
  return [self = *this](RandomStream& random, std::span<float* const> out) {
    const auto mode = static_cast<double>(random.below(static_cast<uint64_t>(self.modes)));
    const double angle = 2 * pi * mode / static_cast<double>(self.modes);
    write_point(out[0], self.radius * std::cos(angle), self.radius * std::sin(angle), self.deviation, random);
    *out[1] = static_cast<float>(mode);
  };
}

void RingPoints::declare(Declaration<RingPoints>& d) {
  d.help("points around modes on a ring; fields point [2] and label (the mode)");
  d.reference("Metz et al. 2017, Unrolled generative adversarial networks, appendix A");
  d.parameter("modes", &RingPoints::modes, "how many modes").main().min(1).max(1 << 20);
  d.parameter("radius", &RingPoints::radius, "of the ring").min(0);
  declare_deviation(d, "standard deviation of a mode");
  declare_drawing(d);
}

// ── grid ───────────────────────────────────────────────────────────────────────────────────────────────────────────
std::vector<Field> GridPoints::drawn_fields() const { return point_and_label(side * side); }

std::string GridPoints::description() const {
  return fmt::format("grid: side {}, spacing {}, deviation {}", side, spacing, deviation);
}

DrawExample GridPoints::drawing() const {
  return [self = *this](RandomStream& random, std::span<float* const> out) {
    const auto mode = static_cast<int64_t>(random.below(static_cast<uint64_t>(self.side * self.side)));
    const double middle = static_cast<double>(self.side - 1) / 2;
    const double x = (static_cast<double>(mode % self.side) - middle) * self.spacing;
    const double y = (static_cast<double>(mode / self.side) - middle) * self.spacing;
    write_point(out[0], x, y, self.deviation, random);
    *out[1] = static_cast<float>(mode);
  };
}

void GridPoints::declare(Declaration<GridPoints>& d) {
  d.help("points around modes on a square grid; fields point [2] and label (the mode)");
  d.reference("Srivastava et al. 2017, VEEGAN, section 4.1");
  d.parameter("side", &GridPoints::side, "modes along a side").main().min(1).max(1 << 10);
  d.parameter("spacing", &GridPoints::spacing, "distance of neighbouring modes").min(0);
  declare_deviation(d, "standard deviation of a mode");
  declare_drawing(d);
}

// ── circle ─────────────────────────────────────────────────────────────────────────────────────────────────────────
std::vector<Field> CirclePoints::drawn_fields() const { return point_field(2); }

std::string CirclePoints::description() const {
  return fmt::format("circle: radius {}, deviation {}", radius, deviation);
}

DrawExample CirclePoints::drawing() const {
  return [self = *this](RandomStream& random, std::span<float* const> out) {
    const double angle = random.uniform(0, 2 * pi);
    write_point(out[0], self.radius * std::cos(angle), self.radius * std::sin(angle), self.deviation, random);
  };
}

void CirclePoints::declare(Declaration<CirclePoints>& d) {
  d.help("points on a circle; field point [2]");
  d.parameter("radius", &CirclePoints::radius, "of the circle").main().min(0);
  declare_deviation(d, "standard deviation of the noise");
  declare_drawing(d);
}

// ── moons ──────────────────────────────────────────────────────────────────────────────────────────────────────────
std::vector<Field> MoonPoints::drawn_fields() const { return point_field(2); }

std::string MoonPoints::description() const { return fmt::format("moons: deviation {}", deviation); }

DrawExample MoonPoints::drawing() const {
  return [noise = deviation](RandomStream& random, std::span<float* const> out) {
    const bool upper = random.below(2) == 0;
    const double angle = random.uniform(0, pi);
    const double x = upper ? std::cos(angle) : 1 - std::cos(angle);
    const double y = upper ? std::sin(angle) : 0.5 - std::sin(angle);
    write_point(out[0], x, y, noise, random);
  };
}

void MoonPoints::declare(Declaration<MoonPoints>& d) {
  d.help("points on two interleaved half circles; field point [2]");
  d.parameter("deviation", &MoonPoints::deviation, "standard deviation of the noise").main().min(0);
  declare_drawing(d);
}

// ── swiss_roll ─────────────────────────────────────────────────────────────────────────────────────────────────────
std::vector<Field> SwissRollPoints::drawn_fields() const { return point_field(2); }

std::string SwissRollPoints::description() const {
  return fmt::format("swiss_roll: radius {}, deviation {}", radius, deviation);
}

DrawExample SwissRollPoints::drawing() const {
  return [self = *this](RandomStream& random, std::span<float* const> out) {
    constexpr double first = 1.5 * pi, last = 4.5 * pi;
    const double t = random.uniform(first, last);
    const double r = self.radius * t / last;
    write_point(out[0], r * std::cos(t), r * std::sin(t), self.deviation, random);
  };
}

void SwissRollPoints::declare(Declaration<SwissRollPoints>& d) {
  d.help("points on a spiral; field point [2]");
  d.parameter("radius", &SwissRollPoints::radius, "distance of the outer end from the origin").main().min(0);
  declare_deviation(d, "standard deviation of the noise");
  declare_drawing(d);
}

// ── dirac ──────────────────────────────────────────────────────────────────────────────────────────────────────────
int64_t DiracPoint::length() const { return dimensions.value_or(std::ssize(at)); }

std::string DiracPoint::conflict() const { return wrong_length("at", at, length()); }

std::vector<Field> DiracPoint::drawn_fields() const { return point_field(length()); }

std::string DiracPoint::description() const { return fmt::format("dirac: at {}, dimensions {}", at, length()); }

DrawExample DiracPoint::drawing() const {
  return [self = *this, n = length()](RandomStream&, std::span<float* const> out) {
    for (int64_t i = 0; i < n; ++i) out[0][i] = static_cast<float>(coordinate(self.at, i));
  };
}

void DiracPoint::declare(Declaration<DiracPoint>& d) {
  d.help("always the same point, the data of a Dirac-GAN; field point");
  d.reference("Mescheder et al. 2018, Which training methods for GANs do actually converge?, section 2");
  d.parameter("at", &DiracPoint::at, "where: a number, or a list with one for each coordinate").main();
  d.parameter("dimensions", &DiracPoint::dimensions, "of the point; default: as many as 'at' has").min(1).max(1 << 20);
  declare_drawing(d);
}

}  // namespace duel
