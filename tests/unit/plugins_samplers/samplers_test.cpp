// Plots, pixel by pixel where that says something.
#include <gmock/gmock.h>

#include <fstream>

#include "base/random.hpp"
#include "plugins/samplers/register.hpp"
#include "registry/sampler.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Sampler> sampler(const std::string& yaml) {
  const Registry& registry = filled_registry<register_samplers>();
  return read_component(registry, registry.samplers, yaml);
}

Picture render(const std::string& yaml, const HostTensor& samples, const SampleStyle& style = {},
               const HostTensor* reference = nullptr) {
  const Picture picture = sampler(yaml)->render(samples, reference, style);
  EXPECT_EQ(picture.pixels.size(), static_cast<std::size_t>(picture.height * picture.width * picture.channels));
  return picture;
}

std::string refusal_of(const std::string& yaml, const HostTensor& samples) {
  try {
    sampler(yaml)->render(samples, nullptr, {});
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "accepted";
}

HostTensor filled(const Shape& shape, double value) {
  return {shape, std::vector<double>(static_cast<std::size_t>(shape.elements()), value)};
}

uint8_t pixel(const Picture& picture, int64_t x, int64_t y, int64_t channel = 0) {
  return picture.pixels[static_cast<std::size_t>((y * picture.width + x) * picture.channels + channel)];
}

TEST(Grid, MakesSmallImagesLegibleAndPutsLinesBetween) {
  HostTensor samples = filled({25, 28, 28, 1}, 1);
  const Picture picture = render("grid", samples);
  EXPECT_EQ(picture.channels, 1);
  EXPECT_EQ(picture.width, 5 * (28 * 3 + 1) + 1);
  EXPECT_EQ(picture.height, picture.width);
  EXPECT_EQ(pixel(picture, 0, 0), 96);
  EXPECT_EQ(pixel(picture, 1, 1), 255);
  EXPECT_EQ(pixel(picture, 84, 84), 255);
  EXPECT_EQ(pixel(picture, 85, 40), 96);
  EXPECT_EQ(pixel(picture, 86, 40), 255);
}

TEST(Grid, PutsImagesInReadingOrderWithChannelsInPlace) {
  HostTensor samples = filled({3, 200, 200, 3}, -1);
  for (std::size_t p = 0; p < 200 * 200; ++p) samples.values[2 * 200 * 200 * 3 + p * 3 + 1] = 0;  // the third: green
  const Picture picture = render("grid", samples, {.columns = 2});
  EXPECT_EQ(picture.width, 2 * 201 + 1);
  EXPECT_EQ(picture.height, 2 * 201 + 1);
  EXPECT_EQ(pixel(picture, 100, 100, 1), 0);
  EXPECT_EQ(pixel(picture, 100, 300, 0), 0);
  EXPECT_EQ(pixel(picture, 100, 300, 1), 128);
  EXPECT_EQ(pixel(picture, 300, 300, 1), 96);  // an empty place
}

TEST(Grid, ShowsTheRangeOfTheStyleOrWhatTheSamplesSpan) {
  const HostTensor samples{{1, 1, 3, 1}, {0, 0.5, 2}};
  const auto values = [&](const SampleStyle& style) {
    const Picture picture = render("grid", samples, style);
    const int64_t factor = (picture.width - 2) / 3;
    return std::vector<int>{pixel(picture, 1, 1), pixel(picture, 1 + factor, 1), pixel(picture, 1 + 2 * factor, 1)};
  };
  EXPECT_EQ(values({.range = {0, 1}}), (std::vector<int>{0, 128, 255}));
  EXPECT_EQ(values({.minmax = true}), (std::vector<int>{0, 64, 255}));
}

TEST(Grid, PutsRealImagesOnTheLeft) {
  const HostTensor samples = filled({4, 8, 8, 1}, -1), real = filled({4, 8, 8, 1}, 1);
  const Picture alone = render("grid", samples), both = render("grid", samples, {}, &real);
  EXPECT_EQ(both.width, 2 * alone.width + 12);
  EXPECT_EQ(pixel(both, 5, 5), 255);
  EXPECT_EQ(pixel(both, both.width - 5, 5), 0);
}

TEST(Grid, ShowsWhatIsNotFiniteAsBlack) {
  const HostTensor samples{{1, 1, 3, 1}, {NAN, 1, INFINITY}};
  const Picture picture = render("grid", samples, {.minmax = true});
  EXPECT_EQ(pixel(picture, 1, 1), 0);
}

TEST(Grid, RefusesWhatIsNoImage) {
  EXPECT_THAT(refusal_of("grid", filled({4, 784}, 0)), HasSubstr("expected images [count, height, width, 1 or 3]"));
  EXPECT_THAT(refusal_of("grid", filled({4, 8, 8, 2}, 0)), HasSubstr("found [4, 8, 8, 2]"));
}

// The centre of a pixel block in which only dots can lie.
bool is_orange(const Picture& picture, int64_t x, int64_t y) {
  return pixel(picture, x, y, 0) > pixel(picture, x, y, 2) + 60;
}
bool is_blue(const Picture& picture, int64_t x, int64_t y) {
  return pixel(picture, x, y, 2) > pixel(picture, x, y, 0) + 60;
}

// One pixel an image, enlarged: a grid of one column on the left, one of two on the right.
TEST(Neighbours, PutsTheNearestBesideEachSample) {
  const HostTensor samples{{2, 1, 1, 1}, {0.25, -0.75}};
  const HostTensor references{{4, 1, 1, 1}, {1, -0.5, 0.25, NAN}};
  const Picture picture = render("neighbours: 2", samples, {}, &references);
  const auto grey = [](double value) { return static_cast<uint8_t>(std::lround((value + 1) / 2 * 255)); };
  const int64_t right = picture.width - 1;  // its last column is a line; cells are found from there
  const int64_t cell = (picture.height - 1) / 2;
  const auto middle = [&](int64_t column_from_right, int64_t row) {
    return pixel(picture, right - column_from_right * cell - cell / 2, row * cell + cell / 2);
  };
  EXPECT_EQ(middle(1, 0), grey(0.25));
  EXPECT_EQ(middle(0, 0), grey(1)) << "1 and -0.5 are as near: the first of them";
  EXPECT_EQ(middle(1, 1), grey(-0.5));
  EXPECT_EQ(middle(0, 1), grey(0.25));
  EXPECT_EQ(pixel(picture, cell / 2, cell / 2), grey(0.25));
  EXPECT_EQ(pixel(picture, cell / 2, cell + cell / 2), grey(-0.75));
}

TEST(Neighbours, NeedEnoughReferences) {
  const HostTensor samples = filled({2, 2, 2, 1}, 0), few = filled({3, 2, 2, 1}, 0);
  EXPECT_THAT(refusal_of("neighbours", samples), HasSubstr("without `reference` there is nothing to search"));
  EXPECT_THROW(sampler("neighbours: 4")->check(samples.shape, &few.shape), ShapeError);
  EXPECT_NO_THROW(sampler("neighbours: 3")->check(samples.shape, &few.shape));
}

TEST(Scatter, PutsPointsWhereTheAxesSay) {
  const HostTensor samples{{1, 2}, {0.5, 0.5}}, real{{1, 2}, {-0.5, -0.25}};
  const Picture picture = render("scatter", samples, {.range = {-1, 1}, .range_given = true}, &real);
  EXPECT_EQ(picture.width, 600);
  EXPECT_EQ(picture.height, 600);
  // The frame is 500 pixels from (74, 36).
  EXPECT_TRUE(is_orange(picture, 74 + 375, 36 + 125));
  EXPECT_TRUE(is_blue(picture, 74 + 125, 36 + 312));
  EXPECT_EQ(pixel(picture, 74 + 270, 36 + 220), 255);
}

TEST(Scatter, ChoosesARangeThatHoldsTheRealPoints) {
  const HostTensor samples{{2, 2}, {100, 100, 1e9, NAN}}, real{{2, 2}, {90, 110, 110, 90}};
  const Picture picture = render("scatter", samples, {}, &real);
  EXPECT_TRUE(is_orange(picture, 74 + 250, 36 + 250));  // 100 is the middle of 88 … 112
}

TEST(Scatter, ShowsAnythingFiniteOrNot) {
  render("scatter", {{1, 2}, {NAN, INFINITY}});
  render("scatter", {{1, 2}, {3, 3}});
  render("scatter", {{2, 2}, {1e-12, 0, 2e-12, 1e-12}});
  render("scatter", {{2, 2}, {-1e30, 0, 1e30, 1}});
  EXPECT_THAT(refusal_of("scatter", filled({4, 3}, 0)), HasSubstr("expected points [count, 2], found [4, 3]"));
}

// For looking at: DUEL_SHOW_PLOTS=folder writes the plots as PPM files.
TEST(Scatter, CanBeLookedAt) {
  HostTensor samples{{800, 2}, {}}, real{{800, 2}, {}};
  RandomStream random(3);
  for (int i = 0; i < 800; ++i) {
    const double mode = 0.785398 * static_cast<double>(random.below(8));
    for (const double centre : {std::cos(mode), std::sin(mode)}) {
      real.values.push_back(centre + 0.03 * random.normal());
      samples.values.push_back(0.85 * centre + 0.12 * random.normal());
    }
  }
  const Picture picture = render("scatter", samples, {.range = {-1.5, 1.5}, .range_given = true}, &real);
  int orange = 0, blue = 0;
  for (int64_t y = 36; y < 536; ++y) {
    for (int64_t x = 74; x < 574; ++x) {
      orange += is_orange(picture, x, y) ? 1 : 0;
      blue += is_blue(picture, x, y) ? 1 : 0;
    }
  }
  EXPECT_GT(orange, 5000);
  EXPECT_GT(blue, 1000);
  if (const char* folder = std::getenv("DUEL_SHOW_PLOTS")) {
    std::ofstream out(std::string(folder) + "/scatter.ppm", std::ios::binary);
    out << "P6\n600 600\n255\n";
    out.write(reinterpret_cast<const char*>(picture.pixels.data()),
              static_cast<std::streamsize>(picture.pixels.size()));
  }
}

}  // namespace
}  // namespace duel
