// Resizing against Pillow, which filters as is done here, in double precision; and properties.
#include "data/resample.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/support/vectors.hpp"

namespace duel {
namespace {

const std::map<std::string, ResizeFilter> filters{
    {"area", ResizeFilter::area}, {"bilinear", ResizeFilter::linear}, {"bicubic", ResizeFilter::cubic}};

std::vector<float> resized(const std::vector<float>& in, int64_t height, int64_t width, int64_t channels,
                           int64_t new_height, int64_t new_width, ResizeFilter filter) {
  std::vector<float> out(static_cast<std::size_t>(new_height * new_width * channels)), scratch;
  const Resizing how{.filter = filter, .antialias = true};
  ImageResampler(resizing_taps(height, new_height, how), resizing_taps(width, new_width, how), channels)
      .apply(in.data(), out.data(), scratch);
  return out;
}

TEST(Resample, DoesWhatPillowDoes) {
  const auto vectors = read_vectors(DUEL_SOURCE_DIR "/tests/unit/data/resample.json");
  for (const auto& example : vectors.at("floats")) {
    const auto in = example.at("in").get<std::vector<float>>();
    const auto expected = example.at("out").get<std::vector<float>>();
    const auto box = example.at("box").get<std::vector<double>>();
    const auto number = [&](const char* name) { return example.at(name).get<int64_t>(); };
    const auto taps = [&](const char* from, const char* to, AxisPart part) {
      const ResizeFilter filter = filters.at(example.at("filter").get<std::string>());
      return resizing_taps(number(from), number(to), {.filter = filter, .antialias = true, .part = part});
    };
    const ImageResampler resampler(taps("height", "new_height", {box[1], box[3]}),
                                   taps("width", "new_width", {box[0], box[2]}), 1);
    std::vector<float> out(expected.size()), scratch;
    resampler.apply(in.data(), out.data(), scratch);
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], expected[i], 2e-4) << example.at("filter");
  }
}

TEST(Resample, LeavesEvenAndSameSizedImagesAlone) {
  for (const auto& [name, filter] : filters) {
    for (const float value : resized(std::vector<float>(5 * 9 * 3, 7.5f), 5, 9, 3, 11, 2, filter)) {
      EXPECT_NEAR(value, 7.5f, 1e-5) << name;
    }
    std::vector<float> image(4 * 6 * 3);
    std::iota(image.begin(), image.end(), 0.0f);
    EXPECT_EQ(resized(image, 4, 6, 3, 4, 6, filter), image) << name;
  }
}

// Without the widening of the filter, each second line of stripes would vanish.
TEST(Resample, DoesNotAlias) {
  std::vector<float> stripes(32 * 32);
  for (std::size_t i = 0; i < stripes.size(); ++i) stripes[i] = i % 2 == 0 ? 0.0f : 200.0f;
  for (const auto& [name, filter] : filters) {
    for (const float value : resized(stripes, 32, 32, 1, 8, 8, filter)) EXPECT_NEAR(value, 100, 8) << name;
  }
}

TEST(Resample, KeepsChannelsApart) {
  std::vector<float> two, first;
  for (int i = 0; i < 30; ++i) {
    first.push_back(static_cast<float>(i * i % 17));
    two.insert(two.end(), {first.back(), 1000});
  }
  const auto both = resized(two, 5, 6, 2, 3, 4, ResizeFilter::cubic);
  const auto alone = resized(first, 5, 6, 1, 3, 4, ResizeFilter::cubic);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_FLOAT_EQ(both[2 * i], alone[i]);
    EXPECT_FLOAT_EQ(both[2 * i + 1], 1000);
  }
}

}  // namespace
}  // namespace duel
