// Metrics of pairs of images and of pairs of fakes, against closed forms and against what scipy and PyTorch compute
// (make_image_metrics.py).
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "plugins/metrics/structural_similarity.hpp"
#include "tests/unit/plugins_metrics/image_scoring.hpp"

namespace duel {
namespace {

using testing::Contains;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::IsEmpty;

using Extents = std::vector<int64_t>;

const std::vector<std::string> metrics_of_pairs{"l1", "psnr", "ssim", "perceptual_distance"};

// ---- closed forms

TEST(L1, IsTheMeanOfTheDifferencesOfPixels) {
  const Extents two{2, 1, 2, 1};
  const auto record = image_score("l1", images_of({0, 255, 10, 10}, two), images_of({1, 250, 10, 20}, two));
  EXPECT_DOUBLE_EQ(record.value, 4);  // of 3 and 5
  EXPECT_DOUBLE_EQ(*record.uncertainty, 1);
  EXPECT_EQ(record.uncertainty_kind, "standard error over pairs");
  EXPECT_EQ(record.better, Better::lower);
}

TEST(Psnr, IsThatOfTheFormula) {
  const Extents one{1, 2, 2, 1};
  const auto record = image_score("psnr", constant_images(100, one), constant_images(110, one));
  EXPECT_NEAR(record.value, 20 * std::log10(25.5), 1e-12);
  EXPECT_EQ(record.uncertainty, std::nullopt) << "of one pair";
  EXPECT_EQ(record.better, Better::higher);
}

// Only the luminance differs.
TEST(Ssim, OfConstantImagesIsThatOfTheFormula) {
  const Extents one{1, 12, 14, 3};
  const double c = 2.55 * 2.55;
  EXPECT_NEAR(image_score("ssim", constant_images(100, one), constant_images(150, one)).value,
              (2 * 100 * 150 + c) / (100 * 100 + 150 * 150 + c), 1e-12);
}

// Contrast counts at every scale and luminance at the last.
TEST(MsSsim, OfConstantImagesIsThatOfTheFormula) {
  for (const int64_t side : {9, 32, 70}) {
    const Extents one{1, side, side, 1};
    const auto dark = constant_images(100, one), bright = constant_images(150, one);
    Values both(static_cast<std::size_t>(dark.width()), 100);
    both.resize(2 * both.size(), 150);
    const auto record = image_score("ms_ssim", dark, images_of(both, {2, side, side, 1}));
    EXPECT_NEAR(record.value, .989389224814, 1e-12) << side;
    EXPECT_EQ(record.n_real, std::nullopt);
    EXPECT_EQ(record.n_fake, 2);
    EXPECT_EQ(record.better, Better::lower);
  }
}

// Unit vectors: orthogonal ones are 2 apart, opposite ones 4, and parallel ones 0 whatever their length.
TEST(PerceptualDistance, IsThatOfTheFormula) {
  const Extents four{1, 2, 2, 2};
  const auto real = images_of({1, 0, 0, 2, 3, 3, 0, 0}, four), fake = images_of({0, 5, 0, -1, 1e-3, 1e-3, 0, 1}, four);
  EXPECT_NEAR(image_score("perceptual_distance", real, fake).value, (2 + 4 + 0 + 1) / 4.0, 1e-12);
}

TEST(PerceptualDistance, TakesFeaturesOfAnyScale) {
  const Extents shape{2, 3, 3, 4};
  const Values a = congruent(72, 1), b = congruent(72, 2);
  const double plain = image_score("perceptual_distance", images_of(a, shape), images_of(b, shape)).value;
  for (const double scale : {1e-200, 1e200, 1e300}) {
    Values scaled = b;
    for (double& value : scaled) value *= scale;
    EXPECT_NEAR(image_score("perceptual_distance", images_of(a, shape), images_of(scaled, shape)).value, plain,
                1e-12 * plain);
  }
}

TEST(ImageMetrics, OfEqualSidesAreTheirBest) {
  const Extents shape{5, 12, 13, 3};
  const auto images = images_of(pixels_of(shape, 1), shape);
  EXPECT_EQ(image_score("l1", images, images).value, 0);
  EXPECT_EQ(image_score("perceptual_distance", images, images).value, 0);
  EXPECT_NEAR(image_score("ssim", images, images).value, 1, 1e-12);
  const auto record = image_score("psnr", images, images);
  EXPECT_NEAR(record.value, 100, 1e-12) << "infinite, but for the cap";
  EXPECT_THAT(record.warnings, Contains("5 of 5 pairs are equal or nearly so: they count as 100 dB"));
}

TEST(Psnr, CountsTheEqualPairs) {
  const Extents shape{3, 2, 2, 1};
  const auto real = constant_images(100, shape);
  const auto record =
      image_score("psnr", real, images_of({100, 100, 100, 100, 110, 110, 110, 110, 110, 110, 110, 110}, shape));
  EXPECT_NEAR(record.value, (100 + 40 * std::log10(25.5)) / 3, 1e-12);
  EXPECT_THAT(record.warnings, Contains("1 of 3 pairs are equal or nearly so: they count as 100 dB"));
  EXPECT_THAT(image_score("psnr", real, constant_images(110, shape)).warnings, IsEmpty());
}

// ---- other libraries

TEST(ImageMetrics, OfPairsAreThoseOfOtherLibraries) {
  for (const auto& expected : image_vectors().at("pairs")) {
    const Extents shape = expected.at("shape");
    const Values values = pixels_of(shape, 1), other = mixed(values, pixels_of(shape, 2), 0.3);
    for (const std::string& metric : metrics_of_pairs) {
      Values real = values, fake = other;
      if (metric == "perceptual_distance") {
        for (Values* side : {&real, &fake}) {
          for (double& value : *side) value -= 100;
        }
      }
      const auto record = image_score(metric, images_of(real, shape), images_of(fake, shape));
      EXPECT_NEAR(record.value, expected.at(metric)[0].get<double>(), 1e-9) << metric;
      EXPECT_NEAR(*record.uncertainty, expected.at(metric)[1].get<double>(), 1e-9) << metric;
      EXPECT_THAT(record.warnings, IsEmpty());
    }
  }
}

// All pairs of a few fakes that have much in common.
FeatureMatrix alike_images(const Extents& shape) {
  const Values common = pixels_of({1, shape[1], shape[2], shape[3]}, 1);
  Values repeated;
  for (int64_t i = 0; i < shape[0]; ++i) repeated.insert(repeated.end(), common.begin(), common.end());
  return images_of(mixed(repeated, pixels_of(shape, 2), 0.4), shape);
}

TEST(MsSsim, IsThatOfAnotherLibrary) {
  for (const auto& expected : image_vectors().at("multi_scale")) {
    const Extents shape = expected.at("shape");
    const auto fake = alike_images(shape);
    const auto record = image_score("ms_ssim", fake, fake);
    EXPECT_NEAR(record.value, expected.at("ms_ssim")[0].get<double>(), 1e-9) << expected.at("shape");
    EXPECT_NEAR(*record.uncertainty, expected.at("ms_ssim")[1].get<double>(), 1e-9);
    EXPECT_EQ(record.protocol.seed, std::nullopt) << "nothing is drawn";
    EXPECT_EQ(record.protocol.parameters.at("pairs"), std::to_string(shape[0] * (shape[0] - 1) / 2));
  }
}

// ---- properties

TEST(GaussianWindow, HasItsMassInProportionToItsSize) {
  for (const int64_t size : {1, 2, 5, 11}) {
    const std::vector<double> window = gaussian_window(size);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < size; ++i) {
      const double weight = window[static_cast<std::size_t>(i)], offset = static_cast<double>(2 * i - size + 1) / 2;
      EXPECT_DOUBLE_EQ(weight, window[static_cast<std::size_t>(size - 1 - i)]);
      sum += weight;
      squares += weight * offset * offset;
    }
    EXPECT_NEAR(sum, 1, 1e-15);
    if (size == 11) {
      EXPECT_NEAR(std::sqrt(squares), 1.5, 5e-3);
    }
  }
}

// Mirrored images: even windows must not lean to a side.
TEST(MsSsim, DoesNotTellLeftFromRight) {
  const Extents shape{3, 32, 48, 2};  // whose halves lose no pixels
  const auto images = alike_images(shape);
  Values values, mirrored;
  for (int64_t i = 0; i < 3; ++i) {
    Values image(static_cast<std::size_t>(images.width()));
    images.copy_row(i, image.data());
    values.insert(values.end(), image.begin(), image.end());
    for (int64_t y = 0; y < 32; ++y) {
      for (int64_t x = 0; x < 48; ++x) {
        const auto from = image.begin() + (y * 48 + 47 - x) * 2;
        mirrored.insert(mirrored.end(), from, from + 2);
      }
    }
  }
  const auto other = images_of(mirrored, shape);
  EXPECT_NEAR(image_score("ms_ssim", images, images).value, image_score("ms_ssim", other, other).value, 1e-12);
}

TEST(MsSsim, SeesCollapse) {
  const Extents shape{30, 32, 32, 1};
  const auto varied = images_of(pixels_of(shape, 1), shape), alike = alike_images(shape);
  EXPECT_NEAR(image_score("ms_ssim", varied, constant_images(17, shape)).value, 1, 1e-12);
  const double of_alike = image_score("ms_ssim", varied, alike).value;
  EXPECT_GT(of_alike, 0.5);
  EXPECT_LT(image_score("ms_ssim", alike, varied).value, of_alike / 2);
}

// Nine of the ten pairs of five images: the mean must lack just one of the ten.
TEST(MsSsim, DrawsEachPairOnce) {
  const Extents shape{5, 8, 8, 1}, two{2, 8, 8, 1};
  const Values pixels = pixels_of(shape, 3);
  Values of_pairs;
  for (std::ptrdiff_t i = 0; i < 5; ++i) {
    for (std::ptrdiff_t j = 0; j < i; ++j) {
      Values both(pixels.begin() + 64 * i, pixels.begin() + 64 * (i + 1));
      both.insert(both.end(), pixels.begin() + 64 * j, pixels.begin() + 64 * (j + 1));
      of_pairs.push_back(image_score("ms_ssim", images_of(both, two), images_of(both, two)).value);
    }
  }
  const auto fake = images_of(pixels, shape);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto nine = image_score("ms_ssim: {pairs: 9}", fake, fake, seed);
    EXPECT_EQ(nine.protocol.parameters.at("pairs"), "9");
    EXPECT_EQ(nine.protocol.seed, seed);
    const double missing = std::accumulate(of_pairs.begin(), of_pairs.end(), 0.0) - 9 * nine.value;
    EXPECT_THAT(of_pairs, Contains(DoubleNear(missing, 1e-12))) << seed;
  }
}

TEST(MsSsim, DependsOnTheSeedAlone) {
  const Extents shape{30, 8, 8, 1};
  const auto fake = images_of(pixels_of(shape, 3), shape);
  const auto all = image_score("ms_ssim", fake, fake);
  EXPECT_EQ(all.protocol.parameters.at("pairs"), "435");
  const auto ten = image_score("ms_ssim: {pairs: 10}", fake, fake, 1);
  EXPECT_EQ(ten.value, image_score("ms_ssim: {pairs: 10}", fake, fake, 1).value);
  EXPECT_NE(ten.value, image_score("ms_ssim: {pairs: 10}", fake, fake, 2).value);
  EXPECT_NEAR(ten.value, all.value, 6 * *ten.uncertainty);
}

TEST(ImageMetrics, AreTheSameBitsOnAnyNumberOfThreads) {
  const Extents shape{70, 16, 17, 3};
  const auto real = images_of(pixels_of(shape, 1), shape), fake = images_of(pixels_of(shape, 2), shape);
  for (const std::string& metric : metrics_of_pairs) expect_same_bits_on_any_threads(metric, real, fake);
  expect_same_bits_on_any_threads("ms_ssim: {pairs: 50}", real, fake);
}

// ---- what is out of the ordinary

TEST(ImageMetrics, OfConstantImagesAreNumbers) {
  const Extents shape{3, 16, 16, 2};
  const auto black = constant_images(0, shape), grey = constant_images(100, shape);
  for (const std::string& metric : metrics_of_pairs) {
    for (const auto& [real, fake] : {std::pair(&black, &black), std::pair(&black, &grey), std::pair(&grey, &black)}) {
      const auto record = image_score(metric, *real, *fake);
      EXPECT_TRUE(std::isfinite(record.value) && std::isfinite(*record.uncertainty)) << metric;
    }
  }
  EXPECT_NEAR(image_score("ms_ssim", black, black).value, 1, 1e-12);
}

TEST(ImageMetrics, RefuseWhatTheyCannotJudge) {
  const Extents shape{3, 16, 12, 1}, turned{3, 12, 16, 1}, small{3, 10, 12, 1}, one{1, 16, 12, 1};
  const auto real = images_of(pixels_of(shape, 1), shape, "real.npy");
  const auto fake = images_of(pixels_of(turned, 2), turned, "fake.npy");
  for (const std::string& metric : metrics_of_pairs) {
    EXPECT_THAT(image_refusal(metric, real, fake),
                testing::AllOf(HasSubstr("fake.npy: "), HasSubstr("[12, 16, 1], and those of real.npy"),
                               HasSubstr("[16, 12, 1]; b")));
    EXPECT_THAT(image_refusal(metric, real, images_of(pixels_of(one, 2), one)), HasSubstr("compares them in pairs"));
    EXPECT_THAT(image_refusal(metric, real, FeatureMatrix::of(pixels_of(shape, 2), 192)),
                HasSubstr("holds examples of shape [192]"));
  }
  const auto little = images_of(pixels_of(small, 1), small, "small.npy");
  EXPECT_EQ(image_refusal("ssim", little, little),
            "small.npy: holds images of 10 × 12 pixels, and the window of ssim is 11 × 11");
  const auto lone = images_of(pixels_of(one, 1), one, "one.npy");
  EXPECT_EQ(image_refusal("ms_ssim", lone, lone), "one.npy: has 1 rows, and ms_ssim needs 2 or more");
}

TEST(ImageMetrics, RefusePixelsOfAnotherScaleOrWarn) {
  const Extents shape{100, 16, 16, 1};
  const auto good = images_of(pixels_of(shape, 1), shape, "good.npy");
  Values values = pixels_of(shape, 2);
  values[70 * 256] = -0.75;
  values[90 * 256] = 300;
  const auto bad = images_of(values, shape, "bad.npy"), scaled = images_of(congruent(25600, 1), shape, "scaled.npy");
  for (const std::string metric : {"l1", "psnr", "ssim", "ms_ssim"}) {
    EXPECT_EQ(image_refusal(metric, good, bad),
              "bad.npy: the image in row 70 (counted from 0) has a pixel of -0.75, and pixels are 0 to 255; scale the "
              "images to 0 to 255");
    EXPECT_THAT(image_score(metric, good, scaled).warnings,
                Contains(HasSubstr("no pixel of scaled.npy is above 0.99")));
  }
  EXPECT_EQ(image_refusal("perceptual_distance", good, bad), "accepted") << "features may be anything";
}

TEST(ImageMetrics, OfPairsHaveNoFloor) {
  for (const std::string& metric : metrics_of_pairs) {
    const MetricNeeds needs = image_metric(metric)->needs();
    EXPECT_TRUE(needs.paired) << metric;
    EXPECT_FALSE(needs.floor) << metric;
  }
  EXPECT_TRUE(image_metric("ms_ssim")->needs().floor) << "that of reals";
}

}  // namespace
}  // namespace duel
