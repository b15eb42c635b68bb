// The sliced Wasserstein distance and its parts, against closed forms and against what scipy computes
// (make_image_metrics.py).
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "base/random.hpp"
#include "plugins/metrics/laplacian_pyramid.hpp"
#include "plugins/metrics/patch_descriptors.hpp"
#include "plugins/metrics/point_cloud.hpp"
#include "tests/unit/plugins_metrics/image_scoring.hpp"

namespace duel {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using Extents = std::vector<int64_t>;

FeatureMatrix drawn_images(const Extents& extents, uint64_t seed, const std::string& place = "images") {
  return images_of(pixels_of(extents, seed), extents, place);
}

// ---- distances of points

TEST(WassersteinDistance, IsThatOfScipy) {
  for (const auto& expected : image_vectors().at("lines")) {
    Values a = congruent(expected.at("sizes")[0], 1), b = congruent(expected.at("sizes")[1], 2);
    for (double& value : b) value = value * 1.5 - 0.2;
    std::ranges::sort(a);
    std::ranges::sort(b);
    EXPECT_NEAR(wasserstein_distance(a, b), expected.at("distance").get<double>(), 1e-12) << expected;
    EXPECT_NEAR(wasserstein_distance(b, a), expected.at("distance").get<double>(), 1e-12) << expected;
    EXPECT_EQ(wasserstein_distance(a, a), 0);
  }
}

PointCloud cloud_of(Values values, int64_t width) {
  const int64_t count = std::ssize(values) / width;
  return {width, count, [values = std::move(values), width](int64_t begin, int64_t points, double* out) {
            std::copy_n(values.begin() + begin * width, points * width, out);
          }};
}
PointCloud cloud_of(int64_t count, int64_t width, uint64_t seed) {
  return cloud_of(congruent(count * width, seed), width);
}

// All numbers of a cloud, row-major.
Values values_of(const PointCloud& cloud) {
  Values values(static_cast<std::size_t>(cloud.count * cloud.width));
  cloud.copy(0, cloud.count, values.data());
  return values;
}

// On a line, both directions show the whole distance.
TEST(SlicedWassersteinDistance, OnALineIsThatOfScipy) {
  for (const auto& expected : image_vectors().at("lines")) {
    Values shifted = congruent(expected.at("sizes")[1], 2);
    for (double& value : shifted) value = value * 1.5 - 0.2;
    const PointCloud a = cloud_of(expected.at("sizes")[0], 1, 1), b = cloud_of(shifted, 1);
    EXPECT_NEAR(sliced_wasserstein_distance(a, b, 5, 0), expected.at("distance").get<double>(), 1e-9) << expected;
  }
}

// The mean of |cos φ| is 2/π, and that over directions in three dimensions ½.
TEST(SlicedWassersteinDistance, OfAShiftIsItsMeanProjection) {
  for (const auto& [width, share] : {std::pair<int64_t, double>{2, 2 / std::numbers::pi}, {3, 0.5}}) {
    const Values points = congruent(7 * width, 1);
    Values shifted = points;
    for (std::size_t i = 0; i < shifted.size(); ++i) {
      const auto axis = static_cast<int64_t>(i) % width;
      shifted[i] += axis == 0 ? 3 : axis == 1 ? -4 : 0;
    }
    EXPECT_NEAR(sliced_wasserstein_distance(cloud_of(points, width), cloud_of(shifted, width), 100000, 1), 5 * share,
                0.02);
  }
}

// More directions than fit the memory at once: those of each part are the ones that they would be together.
TEST(SlicedWassersteinDistance, DoesNotDependOnWhichDirectionsAreTakenTogether) {
  const PointCloud a = cloud_of(30, 4, 1), b = cloud_of(20, 4, 2);
  const double together = sliced_wasserstein_distance(a, b, 100, 3);
  for (const int64_t directions : {0, 1, 7, 99}) {
    EXPECT_NEAR(sliced_wasserstein_distance(a, b, 100, 3, 8 * 50 * directions), together, 1e-12) << directions;
  }
}

// ---- levels

TEST(LaplacianPyramid, IsThatOfScipy) {
  for (const auto& expected : image_vectors().at("pyramids")) {
    const Extents extents = expected.at("shape");
    const LaplacianPyramid pyramid(Shape{extents[0], extents[1], extents[2]});
    const Values pixels = pixels_of({1, extents[0], extents[1], extents[2]}, 1);
    ASSERT_EQ(pyramid.levels(), std::ssize(expected.at("levels")));
    for (int64_t i = 0; i < pyramid.levels(); ++i) {
      const auto& level = expected.at("levels")[static_cast<std::size_t>(i)];
      EXPECT_EQ(pyramid.shape(i), Shape(level.at("shape").get<Extents>())) << i;
      const std::vector<float> values = pyramid.level({pixels.begin(), pixels.end()}, i);
      const Values few = level.at("every 17th");
      for (std::size_t k = 0; k < few.size(); ++k) ASSERT_NEAR(values[17 * k], few[k], 3e-5) << i << " " << k;
    }
  }
}

TEST(LaplacianPyramid, EndsAtSixteenPixels) {
  const auto sides = [](int64_t height, int64_t width) {
    const LaplacianPyramid pyramid(Shape{height, width, 1});
    Extents out;
    for (int64_t i = 0; i < pyramid.levels(); ++i) out.push_back(pyramid.shorter_side(i));
    return out;
  };
  EXPECT_EQ(sides(7, 7), Extents({7}));
  EXPECT_EQ(sides(28, 28), Extents({28}));
  EXPECT_EQ(sides(30, 90), Extents({30}));
  EXPECT_EQ(sides(31, 31), Extents({31, 16}));
  EXPECT_EQ(sides(32, 32), Extents({32, 16}));
  EXPECT_EQ(sides(64, 20), Extents({20}));
  EXPECT_EQ(sides(128, 200), Extents({128, 64, 32, 16}));
}

// ---- patches

// Many patches of an image are read from the image, few are cut out of it.
class PatchDescriptorsOf : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(Patches, PatchDescriptorsOf, testing::Values(2, 20));

// Pixels that say where they are: images of one level are its own.
TEST_P(PatchDescriptorsOf, AreWholePatchesFromEverywhere) {
  const int64_t patches = GetParam();
  constexpr int64_t height = 9, width = 12;
  const Extents extents{200, height, width, 1};
  Values values;
  for (int64_t i = 0; i < 200 * height * width; ++i) values.push_back(static_cast<double>(i % (height * width)));
  const LaplacianPyramid pyramid(Shape{height, width, 1});
  const PatchDescriptors descriptors(images_of(values, extents), pyramid, 0, {patches, 200, 1});
  ASSERT_EQ(descriptors.cloud().count, 200 * patches);
  const Values points = values_of(descriptors.cloud());
  const auto [least, most] = std::ranges::minmax(points);
  const double step = (most - least) / (height * width - 1);  // of a pixel to the next, after scaling
  std::set<int64_t> corners;
  for (int64_t i = 0; i < 200 * patches; ++i) {
    const double* patch = points.data() + i * 49;
    corners.insert(std::lround((patch[0] - least) / step));
    for (int64_t k = 0; k < 49; ++k) {
      const int64_t offset = k / 7 * width + k % 7;
      ASSERT_NEAR((patch[k] - patch[0]) / step, static_cast<double>(offset), 1e-3);
    }
  }
  EXPECT_EQ(corners.size(), 3u * 6u);
}

TEST(PatchDescriptors, HaveMeanZeroAndDeviationOneInEachChannel) {
  const Extents extents{40, 32, 40, 3};
  const LaplacianPyramid pyramid(Shape{32, 40, 3});
  for (const int64_t level : {0, 1}) {
    const PatchDescriptors descriptors(drawn_images(extents, 1), pyramid, level, {130, 100, 1});
    const Values points = values_of(descriptors.cloud());
    EXPECT_FALSE(descriptors.has_constant_channel());
    for (std::size_t channel = 0; channel < 3; ++channel) {
      double sum = 0, squares = 0, count = 0;
      for (std::size_t i = channel; i < points.size(); i += 3, ++count) {
        sum += points[i];
        squares += points[i] * points[i];
      }
      EXPECT_NEAR(sum / count, 0, 1e-6);
      EXPECT_NEAR(squares / count, 1, 1e-6);
    }
  }
}

TEST(PatchDescriptors, AreOfSoManyDifferentImages) {
  const Extents extents{30, 7, 7, 1};
  Values values;
  for (int64_t i = 0; i < 30; ++i) values.insert(values.end(), 49, static_cast<double>(i));
  const LaplacianPyramid pyramid(Shape{7, 7, 1});
  const PatchDescriptors some(images_of(values, extents), pyramid, 0, {1, 12, 1});
  const Values points = values_of(some.cloud());
  EXPECT_EQ(some.cloud().count, 12);
  EXPECT_EQ(std::set<double>(points.begin(), points.end()).size(), 12u);
}

// ---- the metric

// Means along rows over nine pixels, as if their ends met.
Values smooth_rows(const Values& pixels, const Extents& extents) {
  const int64_t width = extents[2], channels = extents[3];
  Values smooth;
  for (int64_t i = 0; i < std::ssize(pixels); ++i) {
    const int64_t channel = i % channels, x = i / channels % width, row = i / channels / width * width;
    double sum = 0;
    for (int64_t t = -4; t <= 4; ++t) {
      sum += pixels[static_cast<std::size_t>((row + (x + t + width) % width) * channels + channel)];
    }
    smooth.push_back(sum / 9);
  }
  return smooth;
}

// The mean over some seeds is that of the same draws by another generator.
TEST(SlicedWasserstein, IsInTheMeanThatOfScipy) {
  constexpr int seeds = 20, seeds_of_scipy = 40;
  for (const auto& expected : image_vectors().at("structures")) {
    const Extents extents = expected.at("shape");
    const auto real = images_of(smooth_rows(pixels_of(extents, 1), extents), extents);
    const auto fake = images_of(pixels_of(extents, 2), extents);
    const std::string yaml = fmt::format("sliced_wasserstein: {{patches: {}, directions: {}, levels: [{}]}}",
                                         expected.at("patches").get<int>(), expected.at("directions").get<int>(),
                                         extents[1] == 32 ? "16, 32" : std::to_string(extents[1]));
    const Values means = expected.at("mean"), deviations = expected.at("deviation");
    Values found(means.size(), 0.0);
    for (uint64_t seed = 0; seed < seeds; ++seed) {
      const auto records = image_scores(yaml, real, fake, seed);
      ASSERT_EQ(records.size(), means.size() + 1);
      double mean = 0;
      for (std::size_t i = 0; i < means.size(); ++i) {
        found[i] += records[i + 1].value / seeds;
        mean += records[i + 1].value / static_cast<double>(means.size());
      }
      EXPECT_NEAR(records[0].value, mean, 1e-12 * mean);
    }
    for (std::size_t i = 0; i < means.size(); ++i) {
      const double error = deviations[i] * std::sqrt(1.0 / seeds + 1.0 / seeds_of_scipy);
      EXPECT_NEAR(found[i], means[i], 3 * error) << expected.at("shape") << " level " << i;
      EXPECT_LT(3 * error, 0.05 * means[i]) << "or the test would say little";
    }
  }
}

TEST(SlicedWasserstein, GivesLevelsRecordsOfTheirOwn) {
  const Extents extents{4, 64, 64, 1};
  const std::string yaml = "sliced_wasserstein: {patches: 4, directions: 8, levels: [16, 64, 16]}";
  const auto records = image_scores(yaml, drawn_images(extents, 1), drawn_images(extents, 2), 3);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].metric, "sliced_wasserstein");
  EXPECT_EQ(records[0].protocol.parameters.at("levels"), "64, 32, 16");
  EXPECT_EQ(records[1].metric, "sliced_wasserstein.64");
  EXPECT_EQ(records[1].protocol.parameters.at("levels"), "64");
  EXPECT_EQ(records[2].metric, "sliced_wasserstein.16");
  EXPECT_EQ(records[0].protocol.parameters.at("patches"), "4");
  EXPECT_EQ(records[0].protocol.parameters.at("directions"), "8");
  EXPECT_EQ(records[0].protocol.parameters.at("images"), "4");
  EXPECT_EQ(records[0].protocol.seed, 3u);
  EXPECT_EQ(records[0].better, Better::lower);
  EXPECT_THAT(records[0].warnings, IsEmpty());
  EXPECT_EQ(image_scores("sliced_wasserstein: {patches: 4, directions: 8}", drawn_images(extents, 1),
                         drawn_images(extents, 2), 3)[0]
                .value,
            records[0].value);
}

TEST(SlicedWasserstein, ToItselfIsNothing) {
  const Extents extents{10, 32, 32, 3};
  const auto images = drawn_images(extents, 1);
  EXPECT_EQ(image_score("sliced_wasserstein", images, images).value, 0);
  EXPECT_EQ(image_score("sliced_wasserstein: {images: 4}", images, images).value, 0);
  EXPECT_GT(image_score("sliced_wasserstein", images, drawn_images(extents, 2)).value, 0);
}

// Each channel is normalised.
TEST(SlicedWasserstein, DoesNotSeeBrightnessAndContrastOfChannels) {
  const Extents extents{10, 32, 32, 2};
  const Values pixels = pixels_of(extents, 1);
  Values changed = pixels;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    changed[i] = i % 2 == 0 ? 0.5 * changed[i] + 100 : 0.25 * changed[i];
  }
  EXPECT_LT(image_score("sliced_wasserstein", images_of(pixels, extents), images_of(changed, extents)).value, 1e-3);
}

TEST(SlicedWasserstein, DependsOnTheSeedAlone) {
  const Extents many{40, 16, 16, 1}, few{25, 16, 16, 1};
  const auto real = drawn_images(many, 1), fake = drawn_images(few, 2);
  const std::string yaml = "sliced_wasserstein: {patches: 10, directions: 20, images: 30}";
  const double value = image_score(yaml, real, fake, 1).value;
  EXPECT_EQ(value, image_score(yaml, real, fake, 1).value);
  EXPECT_NE(value, image_score(yaml, real, fake, 2).value);
  EXPECT_EQ(image_score(yaml, real, fake, 1).protocol.parameters.at("images"), "30");
}

TEST(SlicedWasserstein, IsTheSameBitsOnAnyNumberOfThreads) {
  const Extents many{70, 32, 33, 3}, few{50, 32, 33, 3};
  expect_same_bits_on_any_threads("sliced_wasserstein: {directions: 40, levels: [16, 32]}", drawn_images(many, 1),
                                  drawn_images(few, 2));
}

TEST(SlicedWasserstein, OfConstantImagesIsANumber) {
  const Extents extents{3, 37, 32, 1}, one{1, 37, 32, 1};
  // Not a number that floats hold: levels have what rounding leaves.
  const auto constant = constant_images(100.1, extents, "constant.npy");
  const auto same = image_score("sliced_wasserstein", constant, constant_images(31.7, extents));
  EXPECT_EQ(same.value, 0);
  EXPECT_THAT(same.warnings, Contains("a channel of constant.npy does not vary at 32 pixels: it counts as zeros"));
  const auto lone = image_score("sliced_wasserstein", constant, drawn_images(one, 1));
  EXPECT_GT(lone.value, 0);
  EXPECT_TRUE(std::isfinite(lone.value));
}

TEST(SlicedWasserstein, RefusesWhatItCannotJudge) {
  const Extents small{3, 6, 12, 1}, extents{3, 32, 48, 1}, turned{3, 48, 32, 1};
  const auto little = drawn_images(small, 1, "small.npy"), real = drawn_images(extents, 1, "real.npy");
  EXPECT_EQ(image_refusal("sliced_wasserstein", little, little),
            "small.npy: holds images of 6 × 12 pixels, and the patches of sliced_wasserstein are 7 × 7");
  EXPECT_EQ(image_refusal("sliced_wasserstein: {levels: [16, 64]}", real, real),
            "real.npy: its images have no level of 64 pixels, but of 32, 16; name only such in "
            "sliced_wasserstein.levels");
  EXPECT_THAT(image_refusal("sliced_wasserstein", real, drawn_images(turned, 2, "fake.npy")),
              HasSubstr("fake.npy: its images are of [48, 32, 1], and those of real.npy of [32, 48, 1]"));
  EXPECT_THAT(image_refusal("sliced_wasserstein", real, constant_images(256, extents, "fake.npy")),
              HasSubstr("fake.npy: the image in row 0 (counted from 0) has a pixel of 256"));
  EXPECT_THAT(image_refusal("sliced_wasserstein", real, FeatureMatrix::of(pixels_of(extents, 1), 32 * 48)),
              HasSubstr("and metric needs images"));
}

}  // namespace
}  // namespace duel
