#include "plugins/metrics/l1.hpp"

#include <cmath>

#include "plugins/metrics/pairs.hpp"

namespace duel {
namespace {

double absolute_difference(const FeatureMap& real, const FeatureMap& fake) {
  double sum = 0;
  for (std::size_t i = 0; i < real.values.size(); ++i) sum += std::abs(real.values[i] - fake.values[i]);
  return sum / static_cast<double>(real.values.size());
}

}  // namespace

std::vector<EvaluationRecord> L1Difference::evaluate(const EvaluationInput& input) const {
  std::vector<std::string> warnings;
  check_pixel_range(*input.real.rows, warnings);
  check_pixel_range(*input.fake.rows, warnings);
  EvaluationRecord record = mean_record("l1", values_of_pairs(input, absolute_difference));
  record.warnings = std::move(warnings);
  return {record};
}

void L1Difference::declare(Declaration<L1Difference>& d) {
  d.help("mean absolute difference of the pixels of pairs, in levels of 0 to 255");
  d.reference("Isola et al., Image-to-image translation with conditional adversarial networks (2017)");
}

}  // namespace duel
