// Digits with captions: that the words say what is drawn.
#include <algorithm>
#include <cmath>
#include <map>

#include "open_dataset.hpp"

namespace duel {
namespace {

struct Look {
  double ink = 0;  // mean brightness of the picture
  double hue = 0;  // in turns
};

Look look_of(const std::vector<float>& image) {
  double red = 0, green = 0, blue = 0;
  for (std::size_t i = 0; i < image.size(); i += 3) {
    red += image[i];
    green += image[i + 1];
    blue += image[i + 2];
  }
  const double alpha = red - (green + blue) / 2, beta = std::sqrt(3) / 2 * (green - blue);
  const double turn = std::atan2(beta, alpha) / (2 * std::acos(-1.0));
  return {std::max({red, green, blue}) / static_cast<double>(image.size()), turn - std::floor(turn)};
}

TEST(CaptionedDigits, WordsSayWhatIsDrawn) {
  const auto dataset = open_dataset("captioned_digits");
  const auto& fields = dataset->fields();
  ASSERT_EQ(fields[1].shape, Shape{4});
  ASSERT_EQ(fields[1].class_names.size(), 19u);
  std::map<std::string, double> ink, counts;
  const std::map<std::string, double> hues{{"red", 0},       {"yellow", 1 / 6.}, {"green", 2 / 6.},
                                           {"cyan", 3 / 6.}, {"blue", 4 / 6.},   {"magenta", 5 / 6.}};
  for (int64_t i = 0; i < 1200; ++i) {
    const auto example = read_example(*dataset, i);
    std::vector<std::string> words;
    for (const float word : example[1]) words.push_back(fields[1].class_names.at(static_cast<std::size_t>(word)));
    EXPECT_EQ(words[0], "a");
    EXPECT_EQ(example[1][3], 9 + example[2][0]);
    const Look look = look_of(example[0]);
    const double apart = std::abs(look.hue - hues.at(words[2]));
    EXPECT_LT(std::min(apart, 1 - apart), 0.07) << words[2] << " of example " << i;
    ink[words[1]] += look.ink;
    ++counts[words[1]];
    ++counts[words[2]];
  }
  EXPECT_GT(ink["thick"] / counts["thick"], 1.25 * ink["thin"] / counts["thin"]);
  EXPECT_NEAR(counts["thick"], 600, 5 * std::sqrt(300.0));
  for (const auto& [colour, hue] : hues) EXPECT_NEAR(counts[colour], 200, 5 * std::sqrt(200 * 5 / 6.)) << colour;
}

TEST(CaptionedDigits, AreTheSameAgain) {
  const auto one = open_dataset("captioned_digits: 28"), two = open_dataset("captioned_digits: 28");
  for (const int64_t i : {0, 5, 123456}) EXPECT_EQ(read_example(*one, i), read_example(*two, i));
  EXPECT_NE(one->fingerprint(), open_dataset("captioned_digits: {size: 28, seed: 1}")->fingerprint());
}

}  // namespace
}  // namespace duel
