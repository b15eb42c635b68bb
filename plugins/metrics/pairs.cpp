#include "plugins/metrics/pairs.hpp"

#include "base/mean.hpp"
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
  const MeanWithError mean = mean_with_error(values);
  EvaluationRecord record;
  record.metric = metric;
  record.value = mean.mean;
  record.uncertainty = mean.standard_error;
  if (record.uncertainty) record.uncertainty_kind = "standard error over pairs";
  return record;
}

}  // namespace duel
