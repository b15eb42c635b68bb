#include "plugins/metrics/psnr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plugins/metrics/pairs.hpp"

namespace duel {
namespace {

constexpr double largest_ratio = 100;  // decibels: an error of a 400th of a level

double signal_to_noise(const FeatureMap& real, const FeatureMap& fake) {
  double squares = 0;
  for (std::size_t i = 0; i < real.values.size(); ++i) {
    squares += (real.values[i] - fake.values[i]) * (real.values[i] - fake.values[i]);
  }
  if (squares == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(real.values.size()) / squares);
}

}  // namespace

std::vector<EvaluationRecord> Psnr::evaluate(const EvaluationInput& input) const {
  std::vector<std::string> warnings;
  check_pixel_range(*input.real.rows, warnings);
  check_pixel_range(*input.fake.rows, warnings);
  std::vector<double> ratios = values_of_pairs(input, signal_to_noise);
  const auto capped = std::ranges::count_if(ratios, [](double ratio) { return ratio > largest_ratio; });
  for (double& ratio : ratios) ratio = std::min(ratio, largest_ratio);
  EvaluationRecord record = mean_record("psnr", ratios);
  if (capped > 0) {
    warnings.push_back(fmt::format("{} of {} pairs are equal or nearly so: they count as {} dB", capped, ratios.size(),
                                   largest_ratio));
  }
  record.warnings = std::move(warnings);
  return {record};
}

void Psnr::declare(Declaration<Psnr>& d) {
  d.help("peak signal-to-noise ratio of pairs in decibels, at most 100 for each pair");
  d.reference(
      "Wang et al., Image quality assessment: from error visibility to structural similarity (2004), section I");
}

}  // namespace duel
