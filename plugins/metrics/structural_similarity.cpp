#include "plugins/metrics/structural_similarity.hpp"

#include <cmath>

namespace duel {
namespace {

constexpr double luminance_constant = (0.01 * 255) * (0.01 * 255);
constexpr double contrast_constant = (0.03 * 255) * (0.03 * 255);

// The windowed means of an image, one for each window that lies within it.
FeatureMap filtered(const FeatureMap& image, std::span<const double> window) {
  const auto size = static_cast<int64_t>(window.size());
  const int64_t row = image.width * image.channels;
  FeatureMap narrow(image.height - size + 1, image.width, image.channels);
  for (int64_t y = 0; y < narrow.height; ++y) {
    double* out = narrow.at(y, 0);
    for (int64_t t = 0; t < size; ++t) {
      const double weight = window[static_cast<std::size_t>(t)];
      const double* in = image.at(y + t, 0);
      for (int64_t i = 0; i < row; ++i) out[i] += weight * in[i];
    }
  }
  FeatureMap means(narrow.height, image.width - size + 1, image.channels);
  for (int64_t y = 0; y < means.height; ++y) {
    double* out = means.at(y, 0);
    for (int64_t t = 0; t < size; ++t) {
      const double weight = window[static_cast<std::size_t>(t)];
      const double* in = narrow.at(y, t);
      for (int64_t i = 0; i < means.width * means.channels; ++i) out[i] += weight * in[i];
    }
  }
  return means;
}

FeatureMap product(const FeatureMap& a, const FeatureMap& b) {
  FeatureMap out(a.height, a.width, a.channels);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = a.values[i] * b.values[i];
  return out;
}

}  // namespace

std::vector<double> gaussian_window(int64_t size) {
  const double sigma = 1.5 * static_cast<double>(size) / 11, centre = static_cast<double>(size - 1) / 2;
  std::vector<double> window;
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const double distance = (static_cast<double>(i) - centre) / sigma;
    window.push_back(std::exp(-distance * distance / 2));
    sum += window.back();
  }
  for (double& weight : window) weight /= sum;
  return window;
}

StructuralSimilarity structural_similarity(const FeatureMap& a, const FeatureMap& b, std::span<const double> window) {
  const auto size = static_cast<int64_t>(window.size());
  DUEL_CHECK(a.height == b.height && a.width == b.width && a.channels == b.channels, "images of unlike shapes");
  DUEL_CHECK(size > 0 && a.height >= size && a.width >= size, "a window of {} on {} × {}", size, a.height, a.width);
  const FeatureMap mean_a = filtered(a, window), mean_b = filtered(b, window);
  const FeatureMap aa = filtered(product(a, a), window), bb = filtered(product(b, b), window);
  const FeatureMap ab = filtered(product(a, b), window);
  StructuralSimilarity sums;
  for (std::size_t i = 0; i < ab.values.size(); ++i) {
    const double means = mean_a.values[i] * mean_b.values[i];
    const double square_a = mean_a.values[i] * mean_a.values[i], square_b = mean_b.values[i] * mean_b.values[i];
    const double luminance = (2 * means + luminance_constant) / (square_a + square_b + luminance_constant);
    const double contrast = (2 * (ab.values[i] - means) + contrast_constant) /
                            ((aa.values[i] - square_a) + (bb.values[i] - square_b) + contrast_constant);
    sums.similarity += luminance * contrast;
    sums.contrast_structure += contrast;
  }
  const auto count = static_cast<double>(ab.values.size());
  return {sums.similarity / count, sums.contrast_structure / count};
}

}  // namespace duel
