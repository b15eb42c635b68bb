#include "plugins/metrics/fid_infinity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.hpp"
#include "data/errors.hpp"
#include "plugins/metrics/frechet.hpp"

namespace duel {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Statistics of `size` rows drawn without replacement, in parts so that memory stays small.
FeatureStatistics drawn_statistics(const FeatureMatrix& rows, int64_t size, uint64_t key) {
  constexpr int64_t part = 8192;
  StatisticsAccumulator accumulator(rows.width());
  for (int64_t begin = 0; begin < size; begin += part) {
    std::vector<int64_t> chosen;
    for (int64_t i = begin; i < std::min(size, begin + part); ++i) {
      const auto index = permuted_index(key, static_cast<uint64_t>(rows.count()), static_cast<uint64_t>(i));
      chosen.push_back(static_cast<int64_t>(index));
    }
    accumulator.add(rows.select(chosen));
  }
  return accumulator.statistics(rows.place());
}

}  // namespace

Intercept intercept_of(std::span<const double> x, std::span<const double> y) {
  DUEL_CHECK(x.size() == y.size() && x.size() > 2, "a line through {} points", x.size());
  const double mean_x = mean_of(x), mean_y = mean_of(y);
  double xx = 0, xy = 0, residual = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const double slope = xy / xx, value = mean_y - slope * mean_x;
  for (std::size_t i = 0; i < x.size(); ++i) residual += std::pow(y[i] - value - slope * x[i], 2);
  const auto count = static_cast<double>(x.size());
  return {value, std::sqrt(residual / (count - 2) * (1 / count + mean_x * mean_x / xx))};
}

int64_t FidInfinity::smallest_of(int64_t fakes) const { return smallest.value_or(std::max<int64_t>(2, fakes / 10)); }

MetricNeeds FidInfinity::needs() const {
  int64_t least = points;
  while (least < smallest_of(least) + points - 1) ++least;
  return {.real = SideNeed::statistics, .fake = SideNeed::rows, .least_examples = least};
}

std::vector<EvaluationRecord> FidInfinity::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& fake = *input.fake.rows;
  const int64_t least = smallest_of(fake.count());
  // One more row for each size, or sizes would repeat.
  fake.require_rows(least + points - 1, fmt::format("fid_infinity with {} sizes from {}", points, least));
  const Gaussian real(*input.real.statistics);
  EvaluationRecord record;
  record.metric = "fid_infinity";
  bool of_fakes = false;
  std::vector<double> inverse_sizes, distances;
  for (int64_t point = 0; point < points; ++point) {
    const int64_t size = least + (fake.count() - least) * point / (points - 1);
    const uint64_t key = stream_key(input.seed, static_cast<uint64_t>(point), "fid_infinity");
    const Gaussian drawn(drawn_statistics(fake, size, key));
    of_fakes = of_fakes || drawn.rank_deficient();
    inverse_sizes.push_back(1 / static_cast<double>(size));
    distances.push_back(frechet_distance(real, drawn));
  }
  const Intercept intercept = intercept_of(inverse_sizes, distances);
  record.value = intercept.value;
  record.uncertainty = intercept.error;
  record.uncertainty_kind = "standard error of the intercept";
  record.protocol.seed = input.seed;
  record.protocol.parameters = {{"points", std::to_string(points)}, {"smallest", std::to_string(least)}};
  record.rank_deficient = real.rank_deficient() || of_fakes;
  if (record.rank_deficient) record.warnings.push_back(rank_warning(real.rank_deficient(), of_fakes));
  return {record};
}

void FidInfinity::declare(Declaration<FidInfinity>& d) {
  d.help("FID for endlessly many fakes: the intercept of FIDs of subsets over 1/size");
  d.reference("Chong and Forsyth, Effectively unbiased FID and inception score and where to find them (2020)");
  d.parameter("points", &FidInfinity::points, "how many sizes").min(3).max(1000);
  d.parameter("smallest", &FidInfinity::smallest, "the least size; a tenth of the fakes if not given").min(2);
}

}  // namespace duel
