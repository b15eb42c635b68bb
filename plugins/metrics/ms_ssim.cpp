#include "plugins/metrics/ms_ssim.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "plugins/metrics/pairs.hpp"
#include "plugins/metrics/structural_similarity.hpp"

namespace duel {
namespace {

constexpr std::array scale_weights{.0448, .2856, .3001, .2363, .1333};
constexpr int64_t largest_window = 11;
constexpr int64_t smallest_image_side = 32;  // 2 pixels are left at the last scale

// Of the element that stands at `index` when an axis is continued by reflection at the middle of its first and last
// element, as often as it takes.
int64_t reflected_index(int64_t index, int64_t extent) {
  if (extent == 1) return 0;
  const int64_t period = 2 * (extent - 1), within = ((index % period) + period) % period;
  return std::min(within, period - within);
}

// The image with so many rows above and columns to the left, of another size.
FeatureMap reflected(const FeatureMap& image, int64_t above, int64_t left, int64_t height, int64_t width) {
  FeatureMap out(height, width, image.channels);
  for (int64_t y = 0; y < height; ++y) {
    const int64_t from_y = reflected_index(y - above, image.height);
    for (int64_t x = 0; x < width; ++x) {
      const double* from = image.at(from_y, reflected_index(x - left, image.width));
      std::copy_n(from, image.channels, out.at(y, x));
    }
  }
  return out;
}

FeatureMap enlarged(FeatureMap image) {
  const int64_t height = std::max(image.height, smallest_image_side),
                width = std::max(image.width, smallest_image_side);
  if (height == image.height && width == image.width) return image;
  return reflected(image, (height - image.height) / 2, (width - image.width) / 2, height, width);
}

FeatureMap with_border(const FeatureMap& image, int64_t border) {
  return reflected(image, border, border, image.height + 2 * border, image.width + 2 * border);
}

FeatureMap halved(const FeatureMap& image) {
  FeatureMap out(image.height / 2, image.width / 2, image.channels);
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      for (int64_t c = 0; c < out.channels; ++c) {
        const double upper = image.at(2 * y, 2 * x)[c] + image.at(2 * y, 2 * x + 1)[c];
        const double lower = image.at(2 * y + 1, 2 * x)[c] + image.at(2 * y + 1, 2 * x + 1)[c];
        out.at(y, x)[c] = (upper + lower) / 4;
      }
    }
  }
  return out;
}

double multi_scale_similarity(FeatureMap a, FeatureMap b) {
  a = enlarged(std::move(a));
  b = enlarged(std::move(b));
  double similarity = 1;
  for (std::size_t scale = 0; scale < scale_weights.size(); ++scale) {
    if (scale > 0) {
      a = halved(a);
      b = halved(b);
    }
    const int64_t size = std::min({largest_window, a.height, a.width});
    const StructuralSimilarity means =
        structural_similarity(with_border(a, size / 2), with_border(b, size / 2), gaussian_window(size));
    const bool last = scale + 1 == scale_weights.size();
    similarity *= std::pow(std::max(0.0, last ? means.similarity : means.contrast_structure), scale_weights[scale]);
  }
  return similarity;
}

// Pair k of the n(n − 1)/2 of n examples, which stand on a circle: all neighbours, then those two apart, and so on.
std::pair<int64_t, int64_t> pair_of(int64_t k, int64_t n) { return {k % n, (k % n + k / n + 1) % n}; }

}  // namespace

std::vector<EvaluationRecord> MsSsim::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& fake = *input.fake.rows;
  fake.require_rows(2, "ms_ssim");
  std::vector<std::string> warnings;
  check_pixel_range(fake, warnings);
  const int64_t all = fake.count() * (fake.count() - 1) / 2, number = std::min(pairs, all);
  const bool drawn = number < all;
  const uint64_t key = stream_key(input.seed, 0, "ms_ssim");
  std::vector<double> values(static_cast<std::size_t>(number));
  for_tiles(number, [&](int64_t i) {
    const auto index = drawn ? permuted_index(key, static_cast<uint64_t>(all), static_cast<uint64_t>(i)) : i;
    const auto [first, second] = pair_of(static_cast<int64_t>(index), fake.count());
    values[static_cast<std::size_t>(i)] = multi_scale_similarity(map_of(fake, first), map_of(fake, second));
  });
  EvaluationRecord record = mean_record("ms_ssim", values);
  record.warnings = std::move(warnings);
  if (drawn) record.protocol.seed = input.seed;
  record.protocol.parameters = {{"pairs", std::to_string(number)}};
  return {record};
}

void MsSsim::declare(Declaration<MsSsim>& d) {
  d.help(
      "how alike pairs of fakes are, from 0 to 1: lower is more diverse; to be compared with that of reals, which a "
      "good generator does not undercut");
  d.reference(
      "Wang, Simoncelli and Bovik, Multi-scale structural similarity for image quality assessment (2003); Odena, Olah "
      "and Shlens, Conditional image synthesis with auxiliary classifier GANs (2017), section 4.2");
  d.parameter("pairs", &MsSsim::pairs, "how many pairs of fakes are drawn; at most all").min(1).max(10000000);
}

}  // namespace duel
