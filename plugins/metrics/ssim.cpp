#include "plugins/metrics/ssim.hpp"

#include <algorithm>

#include "data/errors.hpp"
#include "plugins/metrics/pairs.hpp"
#include "plugins/metrics/structural_similarity.hpp"

namespace duel {
namespace {}  // namespace

std::vector<EvaluationRecord> Ssim::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& real = *input.real.rows;
  const int64_t height = real.shape()[0], width = real.shape()[1];
  if (std::min(height, width) < window_size) {
    fail_data(real.place(), fmt::format("holds images of {} × {} pixels, and the window of ssim is {} × {}", height,
                                        width, window_size, window_size));
  }
  std::vector<std::string> warnings;
  check_pixel_range(real, warnings);
  check_pixel_range(*input.fake.rows, warnings);
  const std::vector<double> window = gaussian_window(window_size);
  EvaluationRecord record = mean_record("ssim", values_of_pairs(input, [&](const FeatureMap& a, const FeatureMap& b) {
                                          return structural_similarity(a, b, window).similarity;
                                        }));
  record.warnings = std::move(warnings);
  return {record};
}

void Ssim::declare(Declaration<Ssim>& d) {
  d.help("structural similarity of pairs, with a Gaussian window of 11 × 11; 1 for equal images");
  d.reference(
      "Wang et al., Image quality assessment: from error visibility to structural similarity (2004), section III");
}

}  // namespace duel
