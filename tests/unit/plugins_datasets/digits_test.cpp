// The digits that the program draws.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/hash.hpp"
#include "open_dataset.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

TEST(Digits, HaveTheShapesAndLabelsOfMnist) {
  const auto dataset = open_dataset("digits");
  EXPECT_EQ(dataset->size(), 10000);
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {28, 28, 1}, 0}, {"label", {}, 10}}));
  std::map<float, int> counts;
  for (int64_t i = 0; i < 10000; ++i) {
    const auto example = read_example(*dataset, i);
    ++counts[example[1][0]];
    const auto [low, high] = std::ranges::minmax(example[0]);
    ASSERT_EQ(low, 0);
    ASSERT_GT(high, 160) << "example " << i;
    ASSERT_LE(high, 255);
    const double mean = std::accumulate(example[0].begin(), example[0].end(), 0.0) / 784;
    ASSERT_GT(mean, 5) << "example " << i;
    ASSERT_LT(mean, 100) << "example " << i;
  }
  ASSERT_EQ(counts.size(), 10u);
  for (const auto& [label, count] : counts) EXPECT_NEAR(count, 1000, 5 * std::sqrt(900.0)) << label;
}

TEST(Digits, NeverTouchTheBorder) {
  const auto dataset = open_dataset("digits: 3000");
  for (int64_t i = 0; i < 3000; ++i) {
    const auto image = read_example(*dataset, i)[0];
    for (std::size_t k = 0; k < 28; ++k) {
      ASSERT_EQ(image[k] + image[27 * 28 + k] + image[28 * k] + image[28 * k + 27], 0) << "example " << i;
    }
  }
}

// A nearest-mean classifier finds classes that are told apart by their shape; chance would be 0.1.
TEST(Digits, CanBeToldApart) {
  const auto dataset = open_dataset("digits: 4000");
  std::array<std::vector<double>, 10> means;
  std::array<int, 10> counts{};
  for (auto& mean : means) mean.resize(784);
  for (int64_t i = 0; i < 3000; ++i) {
    const auto example = read_example(*dataset, i);
    const auto label = static_cast<std::size_t>(example[1][0]);
    ++counts[label];
    for (std::size_t p = 0; p < 784; ++p) means[label][p] += example[0][p];
  }
  for (std::size_t label = 0; label < 10; ++label) {
    for (double& pixel : means[label]) pixel /= counts[label];
  }
  int right = 0;
  for (int64_t i = 3000; i < 4000; ++i) {
    const auto example = read_example(*dataset, i);
    const auto distance = [&](const std::vector<double>& mean) {
      return std::inner_product(mean.begin(), mean.end(), example[0].begin(), 0.0, std::plus<>(),
                                [](double a, double b) { return (a - b) * (a - b); });
    };
    const auto nearest = std::ranges::min_element(means, {}, distance) - means.begin();
    right += nearest == static_cast<int64_t>(example[1][0]) ? 1 : 0;
  }
  EXPECT_GT(right, 600);
}

TEST(Digits, AreAPureFunctionOfSeedAndIndex) {
  const auto first = open_dataset("digits: 50"), longer = open_dataset("digits: 80");
  const auto other = open_dataset("digits: {count: 50, seed: 1}");
  for (int64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(read_example(*first, i), read_example(*longer, i));
    EXPECT_NE(read_example(*first, i)[0], read_example(*other, i)[0]);
  }
  EXPECT_NE(first->fingerprint(), longer->fingerprint());
  EXPECT_EQ(first->fingerprint(), open_dataset("digits: 50")->fingerprint());
}

// A change of the drawing changes trainings that are under way: raise drawing_version with it.
TEST(Digits, AreTheSameBytesEverywhere) {
  Sha256 hash;
  const auto dataset = open_dataset("digits: 500");
  for (int64_t i = 0; i < 500; ++i) {
    for (const auto& field : read_example(*dataset, i)) hash.update(std::as_bytes(std::span(field)));
  }
  EXPECT_EQ(hash.hex(), "a825f9cee91e7e4016a9600eebac584e1825af20589438e5a825017bfed79381");
}

// Too many to keep are drawn whenever they are read.
TEST(Digits, AreTheSameWhetherKeptOrNot) {
  const auto kept = open_dataset("digits: 20"), drawn = open_dataset("digits: 100000000");
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(read_example(*kept, i), read_example(*drawn, i));
  read_example(*drawn, 99999999);
}

TEST(Digits, InColourStandOutFromTheirGround) {
  const auto dataset = open_dataset("digits: {count: 200, size: 32, colour: true}");
  EXPECT_EQ(dataset->fields()[0].shape, (Shape{32, 32, 3}));
  for (int64_t i = 0; i < 200; ++i) {
    const auto image = read_example(*dataset, i)[0];
    float corner = 0, brightest = 0;
    for (std::size_t c = 0; c < 3; ++c) corner = std::max(corner, image[c]);
    for (const float value : image) brightest = std::max(brightest, value);
    EXPECT_LE(corner, 0.36f * 255);
    EXPECT_GE(brightest, 0.7f * 255);
  }
}

TEST(Digits, RefuseWhatCannotBeDrawn) {
  EXPECT_THAT(refusal_of("digits: {size: 8}", ExitCode::experiment), HasSubstr("at least 16"));
  EXPECT_THAT(refusal_of("digits: {colour: 3}", ExitCode::experiment), HasSubstr("true or false"));
}

}  // namespace
}  // namespace duel
