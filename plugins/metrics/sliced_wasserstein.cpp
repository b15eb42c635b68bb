#include "plugins/metrics/sliced_wasserstein.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/random.hpp"
#include "data/errors.hpp"
#include "plugins/metrics/feature_map.hpp"
#include "plugins/metrics/patch_descriptors.hpp"

namespace duel {
namespace {

// Each once, from the largest.
std::vector<int64_t> in_order(std::vector<int64_t> sides) {
  std::ranges::sort(sides, std::greater());
  sides.erase(std::unique(sides.begin(), sides.end()), sides.end());
  return sides;
}

std::string level_name(int64_t side) { return fmt::format("sliced_wasserstein.{}", side); }

void check_images(const FeatureMatrix& real, const FeatureMatrix& fake, std::vector<std::string>& warnings) {
  check_same_shape(real, fake);
  const int64_t height = real.shape()[0], width = real.shape()[1];
  if (std::min(height, width) < PatchSampling::side) {
    fail_data(real.place(), fmt::format("holds images of {} × {} pixels, and the patches of sliced_wasserstein are "
                                        "{} × {}",
                                        height, width, PatchSampling::side, PatchSampling::side));
  }
  check_pixel_range(real, warnings);
  check_pixel_range(fake, warnings);
}

// The shorter sides of all levels, among which those in `named` must be.
std::vector<int64_t> sides_of(const LaplacianPyramid& pyramid, const std::vector<int64_t>& named,
                              const std::string& place) {
  std::vector<int64_t> sides;
  for (int64_t level = 0; level < pyramid.levels(); ++level) sides.push_back(pyramid.shorter_side(level));
  for (const int64_t side : named) {
    if (std::ranges::find(sides, side) != sides.end()) continue;
    fail_data(place, fmt::format("its images have no level of {} pixels, but of {}", side, fmt::join(sides, ", ")),
              "name only such in sliced_wasserstein.levels");
  }
  return sides;
}

struct Comparison {
  const FeatureMatrix& real;
  const FeatureMatrix& fake;
  const LaplacianPyramid& pyramid;
  const PatchSampling& sampling;
  int64_t directions;
};

double distance_at(const Comparison& comparison, int64_t level, std::vector<std::string>& warnings) {
  const auto descriptors_of = [&](const FeatureMatrix& side) {
    PatchDescriptors descriptors(side, comparison.pyramid, level, comparison.sampling);
    if (descriptors.has_constant_channel()) {
      warnings.push_back(fmt::format("a channel of {} does not vary at {} pixels: it counts as zeros", side.place(),
                                     comparison.pyramid.shorter_side(level)));
    }
    return descriptors;
  };
  const PatchDescriptors real = descriptors_of(comparison.real), fake = descriptors_of(comparison.fake);
  const uint64_t key = stream_key(comparison.sampling.seed, static_cast<uint64_t>(level), "sliced_wasserstein");
  constexpr double scale = 1000;
  return scale * sliced_wasserstein_distance(real.cloud(), fake.cloud(), comparison.directions, key);
}

}  // namespace

MetricNeeds SlicedWasserstein::needs() const {
  return {.real = SideNeed::images, .fake = SideNeed::images, .least_pixels = PatchSampling::side};
}

std::vector<MetricOutput> SlicedWasserstein::outputs() const {
  std::vector<MetricOutput> outputs{{"sliced_wasserstein", Better::lower}};
  for (const int64_t side : in_order(levels)) outputs.push_back({level_name(side), Better::lower});
  return outputs;
}

std::vector<EvaluationRecord> SlicedWasserstein::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  EvaluationRecord record;
  check_images(real, fake, record.warnings);
  const LaplacianPyramid pyramid(real.shape());
  const std::vector<int64_t> sides = sides_of(pyramid, levels, real.place());
  const PatchSampling sampling{patches, images, input.seed};
  std::vector<double> distances;
  for (int64_t level = 0; level < pyramid.levels(); ++level) {
    distances.push_back(distance_at({real, fake, pyramid, sampling, directions}, level, record.warnings));
  }
  record.metric = "sliced_wasserstein";
  record.value = std::accumulate(distances.begin(), distances.end(), 0.0) / static_cast<double>(distances.size());
  record.protocol.seed = input.seed;
  record.protocol.parameters = {
      {"patches", std::to_string(patches)},
      {"directions", std::to_string(directions)},
      {"images", std::to_string(std::min(images, std::max(real.count(), fake.count())))},
      {"levels", fmt::format("{}", fmt::join(sides, ", "))},
  };
  std::vector<EvaluationRecord> records{record};
  for (const int64_t side : in_order(levels)) {
    record.metric = level_name(side);
    record.value = distances[static_cast<std::size_t>(std::ranges::find(sides, side) - sides.begin())];
    record.protocol.parameters["levels"] = std::to_string(side);
    records.push_back(record);
  }
  return records;
}

void SlicedWasserstein::declare(Declaration<SlicedWasserstein>& d) {
  d.help("distance of the distributions of 7 × 7 patches at each level of a Laplacian pyramid; the mean over levels");
  d.reference(
      "Karras et al., Progressive growing of GANs for improved quality, stability, and variation (2018), section 5");
  d.parameter("patches", &SlicedWasserstein::patches, "patches of each image").min(1).max(100000);
  d.parameter("directions", &SlicedWasserstein::directions, "random directions that patches are projected on")
      .min(1)
      .max(1000000);
  d.parameter("images", &SlicedWasserstein::images, "images of each side that take part; at most all").min(1);
  d.parameter("levels", &SlicedWasserstein::levels,
              "shorter sides, in pixels, of levels that get a record of their own beside the mean, as "
              "sliced_wasserstein.32")
      .min(PatchSampling::side);
}

}  // namespace duel
