#include "plugins/metrics/perceptual_distance.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "plugins/metrics/pairs.hpp"

namespace duel {
namespace {

// To unit length. Divided by the largest first, so that no square is out of the range of numbers.
void scale_to_unit_length(std::span<double> vector) {
  double largest = 0, squares = 0;
  for (const double value : vector) largest = std::max(largest, std::abs(value));
  if (largest == 0) return;
  for (double& value : vector) {
    value /= largest;
    squares += value * value;
  }
  const double length = std::sqrt(squares);
  for (double& value : vector) value /= length;
}

FeatureMap with_unit_positions(FeatureMap map) {
  const auto channels = static_cast<std::size_t>(map.channels);
  for (std::size_t i = 0; i < map.values.size(); i += channels) {
    scale_to_unit_length(std::span(map.values).subspan(i, channels));
  }
  return map;
}

double distance_of(const FeatureMap& real, const FeatureMap& fake) {
  const FeatureMap a = with_unit_positions(real), b = with_unit_positions(fake);
  double squares = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    squares += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  }
  return squares / static_cast<double>(a.height * a.width);
}

}  // namespace

std::vector<EvaluationRecord> PerceptualDistance::evaluate(const EvaluationInput& input) const {
  return {mean_record("perceptual_distance", values_of_pairs(input, distance_of))};
}

void PerceptualDistance::declare(Declaration<PerceptualDistance>& d) {
  d.help("squared distance of the feature maps of pairs, each position scaled to unit length; without learned weights");
  d.reference(
      "Zhang et al., The unreasonable effectiveness of deep features as a perceptual metric (2018), section 3.1");
}

}  // namespace duel
