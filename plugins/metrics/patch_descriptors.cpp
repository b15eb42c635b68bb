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

// Writes the patches of one level, [height, width, channels], to out.
void cut_patches(const std::vector<float>& level, const Shape& shape, int64_t patches, RandomStream random,
                 float* out) {
  const auto tops = static_cast<uint64_t>(shape[0] - PatchSampling::side + 1);
  const auto lefts = static_cast<uint64_t>(shape[1] - PatchSampling::side + 1);
  for (int64_t patch = 0; patch < patches; ++patch) {
    const auto top = static_cast<int64_t>(random.below(tops)), left = static_cast<int64_t>(random.below(lefts));
    for (int64_t y = top; y < top + PatchSampling::side; ++y) {
      out = std::copy_n(level.data() + (y * shape[1] + left) * shape[2], PatchSampling::side * shape[2], out);
    }
  }
}

PointCloud patches_of(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                      const PatchSampling& sampling) {
  const Shape& shape = pyramid.shape(level);
  DUEL_CHECK(images.shape() == pyramid.shape(0), "images of {} for a pyramid of {}", to_string(images.shape()),
             to_string(pyramid.shape(0)));
  DUEL_CHECK(std::min(shape[0], shape[1]) >= PatchSampling::side, "patches of {}", to_string(shape));
  const int64_t count = std::min(sampling.images, images.count());
  const uint64_t drawn = stream_key(sampling.seed, 0, "patches/images");
  const std::string places = fmt::format("patches/places/{}", level);
  PointCloud cloud;
  cloud.width = PatchSampling::side * PatchSampling::side * shape[2];
  cloud.values.resize(static_cast<std::size_t>(count * sampling.patches * cloud.width));
  for_tiles(count, [&](int64_t i) {
    const auto number = static_cast<uint64_t>(i), all = static_cast<uint64_t>(images.count());
    const FeatureMap image =
        map_of(images, count < images.count() ? static_cast<int64_t>(permuted_index(drawn, all, number)) : i);
    const std::vector<float> pixels(image.values.begin(), image.values.end());
    cut_patches(pyramid.level(pixels, level), shape, sampling.patches,
                RandomStream(stream_key(sampling.seed, number, places)),
                cloud.values.data() + i * sampling.patches * cloud.width);
  });
  return cloud;
}

// Calls body(tile, values) for spans of whole points.
template <class Cloud, class Body>
void for_parts(Cloud& cloud, const Body& body) {
  const int64_t size = patches_a_tile * cloud.width, all = std::ssize(cloud.values);
  for_tiles((all + size - 1) / size, [&](int64_t tile) {
    const int64_t begin = tile * size;
    body(tile, std::span(cloud.values)
                   .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(std::min(size, all - begin))));
  });
}

// Of each channel, the mean of term(channel, value): summed by parts, and over these in their order.
template <class Term>
std::vector<double> means_of(const PointCloud& cloud, std::size_t channels, const Term& term) {
  const int64_t parts = (cloud.count() + patches_a_tile - 1) / patches_a_tile;
  std::vector<double> sums(static_cast<std::size_t>(parts) * channels), means(channels);
  for_parts(cloud, [&](int64_t part, std::span<const float> values) {
    double* const out = sums.data() + static_cast<std::size_t>(part) * channels;
    for (std::size_t i = 0; i < values.size(); i += channels) {
      for (std::size_t c = 0; c < channels; ++c) out[c] += term(c, static_cast<double>(values[i + c]));
    }
  });
  for (std::size_t i = 0; i < sums.size(); ++i) means[i % channels] += sums[i];
  for (double& mean : means) mean *= static_cast<double>(channels) / static_cast<double>(cloud.values.size());
  return means;
}

}  // namespace

PatchDescriptors patch_descriptors(const FeatureMatrix& images, const LaplacianPyramid& pyramid, int64_t level,
                                   const PatchSampling& sampling) {
  PatchDescriptors out{patches_of(images, pyramid, level, sampling)};
  const auto channels = static_cast<std::size_t>(pyramid.shape(level)[2]);
  const std::vector<double> means = means_of(out.cloud, channels, [](std::size_t, double value) { return value; });
  std::vector<double> scales = means_of(out.cloud, channels, [&](std::size_t channel, double value) {
    return (value - means[channel]) * (value - means[channel]);
  });
  for (double& scale : scales) {
    const bool constant = std::sqrt(scale) < least_deviation;
    scale = constant ? 0 : 1 / std::sqrt(scale);
    out.has_constant_channel = out.has_constant_channel || constant;
  }
  for_parts(out.cloud, [&](int64_t, std::span<float> values) {
    for (std::size_t i = 0; i < values.size(); i += channels) {
      for (std::size_t c = 0; c < channels; ++c) {
        values[i + c] = static_cast<float>((values[i + c] - means[c]) * scales[c]);
      }
    }
  });
  return out;
}

}  // namespace duel
