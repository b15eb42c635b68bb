#include "plugins/metrics/patch_descriptors.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "plugins/metrics/feature_map.hpp"

namespace duel {
namespace {

// In levels of 0 … 255. What rounding to single precision leaves of a constant channel is less.
constexpr double least_deviation = 1e-4;
constexpr int64_t patches_a_tile = 4096;

int64_t tiles_of(int64_t patches) { return (patches + patches_a_tile - 1) / patches_a_tile; }

}  // namespace

PatchDescriptors::PatchDescriptors(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                                   const PatchSampling& sampling)
    : channels_(pyramid.shape(level)[2]) {
  const Shape& shape = pyramid.shape(level);
  DUEL_CHECK(images.shape() == pyramid.shape(0), "images of {} for a pyramid of {}", to_string(images.shape()),
             to_string(pyramid.shape(0)));
  DUEL_CHECK(std::min(shape[0], shape[1]) >= PatchSampling::side, "patches of {}", to_string(shape));
  read(images, pyramid, level, sampling);
  normalise();
}

void PatchDescriptors::read(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                            const PatchSampling& sampling) {
  const Shape& shape = pyramid.shape(level);
  const int64_t count = std::min(sampling.images, images.count());
  const bool whole = shape.elements() <= sampling.patches * width();
  const int64_t kept = whole ? shape.elements() : sampling.patches * width();  // numbers of an image
  const int64_t row = shape[1] * channels_, row_of_patch = PatchSampling::side * channels_;
  row_ = whole ? row : row_of_patch;
  pixels_.resize(static_cast<std::size_t>(count * kept));
  first_pixels_.resize(static_cast<std::size_t>(count * sampling.patches));
  const uint64_t drawn = stream_key(sampling.seed, 0, "patches/images");
  const std::string places = fmt::format("patches/places/{}", level);
  for_tiles(count, [&](int64_t i) {
    const auto number = static_cast<uint64_t>(i), all = static_cast<uint64_t>(images.count());
    const FeatureMap image =
        map_of(images, count < images.count() ? static_cast<int64_t>(permuted_index(drawn, all, number)) : i);
    const std::vector<float> pixels = pyramid.level({image.values.begin(), image.values.end()}, level);
    float* out = pixels_.data() + i * kept;
    if (whole) std::ranges::copy(pixels, out);
    RandomStream random(stream_key(sampling.seed, number, places));
    for (int64_t patch = i * sampling.patches; patch < (i + 1) * sampling.patches; ++patch) {
      const auto top = static_cast<int64_t>(random.below(static_cast<uint64_t>(shape[0] - PatchSampling::side + 1)));
      const auto left = static_cast<int64_t>(random.below(static_cast<uint64_t>(shape[1] - PatchSampling::side + 1)));
      const int64_t corner = top * row + left * channels_;
      first_pixels_[static_cast<std::size_t>(patch)] = whole ? i * kept + corner : patch * width();
      for (int64_t y = 0; !whole && y < PatchSampling::side; ++y) {
        out = std::copy_n(pixels.data() + corner + y * row, row_of_patch, out);
      }
    }
  });
}

template <class Number>
void PatchDescriptors::copy(int64_t begin, int64_t patches, Number* out) const {
  const int64_t row_of_patch = PatchSampling::side * channels_;
  for (int64_t patch = begin; patch < begin + patches; ++patch) {
    const float* from = pixels_.data() + first_pixels_[static_cast<std::size_t>(patch)];
    for (int64_t y = 0; y < PatchSampling::side; ++y) out = std::copy_n(from + y * row_, row_of_patch, out);
  }
}

// Of each channel, the mean of (value − centre)², or of the differences: summed by places in the patch, by channels,
// and by tiles.
std::vector<double> PatchDescriptors::means_of(bool squares, const std::vector<double>& centres) const {
  const auto channels = static_cast<std::size_t>(channels_), places = static_cast<std::size_t>(width());
  const int64_t tiles = tiles_of(count());
  std::vector<double> sums(static_cast<std::size_t>(tiles) * channels), means(channels), centre(places);
  for (std::size_t k = 0; k < places; ++k) centre[k] = centres[k % channels];
  for_tiles(tiles, [&](int64_t tile) {
    std::vector<double> patch(places), sum(places);
    for (int64_t i = tile * patches_a_tile; i < std::min(count(), (tile + 1) * patches_a_tile); ++i) {
      copy(i, 1, patch.data());
      for (std::size_t k = 0; k < places; ++k) {
        const double apart = patch[k] - centre[k];
        sum[k] += squares ? apart * apart : apart;
      }
    }
    double* const out = sums.data() + static_cast<std::size_t>(tile) * channels;
    for (std::size_t k = 0; k < places; ++k) out[k % channels] += sum[k];
  });
  for (std::size_t i = 0; i < sums.size(); ++i) means[i % channels] += sums[i];
  for (double& mean : means) mean *= static_cast<double>(channels) / static_cast<double>(count() * width());
  return means;
}

void PatchDescriptors::normalise() {
  const auto channels = static_cast<std::size_t>(channels_);
  const std::vector<double> means = means_of(false, std::vector<double>(channels));
  std::vector<double> scales = means_of(true, means);
  for (double& scale : scales) {
    const bool constant = std::sqrt(scale) < least_deviation;
    scale = constant ? 0 : 1 / std::sqrt(scale);
    has_constant_channel_ = has_constant_channel_ || constant;
  }
  // Rows of pixels are whole positions, so that numbers of a channel stand at all its places.
  const int64_t size = patches_a_tile * channels_, all = std::ssize(pixels_);
  for_tiles((all + size - 1) / size, [&](int64_t tile) {
    for (int64_t i = tile * size; i < std::min(all, (tile + 1) * size); ++i) {
      const auto c = static_cast<std::size_t>(i) % channels;
      float& value = pixels_[static_cast<std::size_t>(i)];
      value = static_cast<float>((value - means[c]) * scales[c]);
    }
  });
}

PointCloud PatchDescriptors::cloud() const {
  return {width(), count(), [this](int64_t begin, int64_t patches, double* out) { copy(begin, patches, out); }};
}

}  // namespace duel
