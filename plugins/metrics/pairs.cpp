#include "plugins/metrics/pairs.hpp"

#include <cmath>

#include "base/parallel.hpp"

namespace duel {

std::vector<double> values_of_pairs(
    const EvaluationInput& input,
    const std::function<double(const FeatureMap& real, const FeatureMap& fake)>& measure) {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  check_same_shape(real, fake);
  DUEL_CHECK(real.count() == fake.count(), "pairs of {} and {} examples", real.count(), fake.count());
  std::vector<double> values(static_cast<std::size_t>(real.count()));
  for_tiles(real.count(), [&](int64_t pair) {
    values[static_cast<std::size_t>(pair)] = measure(map_of(real, pair), map_of(fake, pair));
  });
  return values;
}

EvaluationRecord mean_record(const std::string& metric, std::span<const double> values) {
  DUEL_CHECK(!values.empty(), "the mean of nothing");
  const auto count = static_cast<double>(values.size());
  EvaluationRecord record;
  record.metric = metric;
  for (const double value : values) record.value += value / count;
  if (values.size() == 1) return record;
  double squares = 0;
  for (const double value : values) squares += (value - record.value) * (value - record.value);
  record.uncertainty = std::sqrt(squares / (count - 1) / count);
  record.uncertainty_kind = "standard error over pairs";
  return record;
}

}  // namespace duel
