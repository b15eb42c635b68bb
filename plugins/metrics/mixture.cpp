#include "plugins/metrics/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "data/errors.hpp"
#include "plugins/metrics/share.hpp"

namespace duel {
namespace {

using Point = std::array<double, 2>;

constexpr int64_t none = -1;

// The nearest centre, the first of equally near ones, or none where it is farther than `reach`.
int64_t nearest_within(const Point& point, const std::vector<Point>& centres, double reach) {
  double least = std::numeric_limits<double>::infinity();
  int64_t nearest = none;
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const double x = point[0] - centres[i][0], y = point[1] - centres[i][1];
    const double distance = x * x + y * y;
    if (distance < least) {
      least = distance;
      nearest = static_cast<int64_t>(i);
    }
  }
  return least <= reach * reach ? nearest : none;
}

// How many fakes of high quality each mode has.
std::vector<int64_t> histogram_of(const FeatureMatrix& points, const std::vector<Point>& centres, double reach) {
  constexpr int64_t rows_a_tile = 256;
  std::vector<int64_t> modes(static_cast<std::size_t>(points.count()));
  for_tiles((points.count() + rows_a_tile - 1) / rows_a_tile, [&](int64_t tile) {
    for (int64_t row = tile * rows_a_tile; row < std::min(points.count(), (tile + 1) * rows_a_tile); ++row) {
      Point point;
      points.copy_row(row, point.data());
      modes[static_cast<std::size_t>(row)] = nearest_within(point, centres, reach);
    }
  });
  std::vector<int64_t> counts(centres.size());
  for (const int64_t mode : modes) {
    if (mode != none) ++counts[static_cast<std::size_t>(mode)];
  }
  return counts;
}

double divergence_from_uniform(const std::vector<int64_t>& counts, int64_t total) {
  double divergence = 0;
  for (const int64_t count : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(total);
    if (count > 0) divergence += share * std::log(share * static_cast<double>(counts.size()));
  }
  return std::max(divergence, 0.0);  // below it by rounding alone
}

int64_t side_of(int64_t modes) { return std::llround(std::sqrt(static_cast<double>(modes))); }

}  // namespace

std::vector<EvaluationRecord> Mixture::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& points = *input.fake.rows;
  if (points.width() != 2) {
    fail_data(points.place(), fmt::format("has rows of {} numbers, and mixture takes points of 2", points.width()));
  }
  const std::vector<int64_t> counts = histogram_of(points, centres(), 3 * mode_deviation());
  int64_t good = 0;
  for (const int64_t count : counts) good += count;
  EvaluationRecord modes_record, divergence_record;
  modes_record.metric = "modes";
  modes_record.value = static_cast<double>(std::ssize(counts) - std::ranges::count(counts, 0));
  divergence_record.metric = "reverse_kl";
  if (good > 0) {
    divergence_record.value = divergence_from_uniform(counts, good);
  } else {
    divergence_record.value = std::log(static_cast<double>(counts.size()));
    divergence_record.warnings.emplace_back(
        "no sample is within three standard deviations of a mode: the value is the largest there is");
  }
  std::vector<EvaluationRecord> records{std::move(modes_record), share_record("high_quality", good, points.count()),
                                        std::move(divergence_record)};
  for (EvaluationRecord& record : records) record.protocol.parameters = parameters();
  return records;
}

int64_t Mixture::mode_count() const { return modes.value_or(layout == "ring" ? 8 : layout == "grid" ? 25 : 1); }

double Mixture::mode_deviation() const {
  return deviation.value_or(layout == "ring" ? 0.02 : layout == "grid" ? 0.05 : 1);
}

double Mixture::mode_distance() const {
  return layout == "ring" ? radius.value_or(2) : layout == "grid" ? spacing.value_or(2) : 0;
}

// In the order of the labels of the data sets.
std::vector<Point> Mixture::centres() const {
  if (layout == "gaussian") return {{0, 0}};
  const int64_t count = mode_count(), side = side_of(count);
  const double distance = mode_distance(), middle = static_cast<double>(side - 1) / 2;
  std::vector<Point> out;
  for (int64_t mode = 0; mode < count; ++mode) {
    if (layout == "ring") {
      const double angle = 2 * std::numbers::pi * static_cast<double>(mode) / static_cast<double>(count);
      out.push_back({distance * std::cos(angle), distance * std::sin(angle)});
    } else {
      const int64_t column = mode % side, row = mode / side;
      out.push_back(
          {(static_cast<double>(column) - middle) * distance, (static_cast<double>(row) - middle) * distance});
    }
  }
  return out;
}

std::map<std::string, std::string> Mixture::parameters() const {
  std::map<std::string, std::string> out{
      {"layout", layout}, {"modes", std::to_string(mode_count())}, {"deviation", format_number(mode_deviation())}};
  if (layout == "ring") out["radius"] = format_number(mode_distance());
  if (layout == "grid") out["spacing"] = format_number(mode_distance());
  return out;
}

std::string Mixture::conflict() const {
  if (radius && layout != "ring") return fmt::format("'radius' is of a ring, and the layout is {}", layout);
  if (spacing && layout != "grid") return fmt::format("'spacing' is of a grid, and the layout is {}", layout);
  const int64_t count = mode_count();
  if (layout == "gaussian" && count != 1) return fmt::format("'modes' is {}, and a gaussian has one", count);
  if (layout == "grid" && side_of(count) * side_of(count) != count) {
    return fmt::format("'modes' is {}, and a grid has a square number of them", count);
  }
  return {};
}

void Mixture::declare(Declaration<Mixture>& d) {
  d.help("modes, share of high quality and reverse KL of points against a known mixture in the plane; three records");
  d.reference(
      "Srivastava et al., VEEGAN: reducing mode collapse in GANs using implicit variational learning (2017), section "
      "4.1; Lin et al., PacGAN: the power of two samples in generative adversarial networks (2018)");
  d.parameter("layout", &Mixture::layout, "the mixture, as the data set of that name draws it")
      .main()
      .one_of({"ring", "grid", "gaussian"});
  d.parameter("modes", &Mixture::modes, "how many; 8 on a ring and 25 on a grid if not given").min(1).max(1 << 20);
  d.parameter("radius", &Mixture::radius, "of a ring; 2 if not given").above(0);
  d.parameter("spacing", &Mixture::spacing, "distance of neighbouring modes of a grid; 2 if not given").above(0);
  d.parameter("deviation", &Mixture::deviation,
              "standard deviation of a mode; 0.02 on a ring, 0.05 on a grid and 1 for a gaussian if not given")
      .above(0);
}

}  // namespace duel
