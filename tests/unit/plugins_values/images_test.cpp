// Image functions against SciPy and PyTorch (make_images.py), and augmentations against their published definition.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/random.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/plugins_values/function_harness.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

TEST(ImageFunctions, AreThoseOfOtherLibraries) {
  const auto cases = read_vectors(std::filesystem::path(DUEL_SOURCE_DIR) / "tests/unit/plugins_values/images.json");
  ASSERT_EQ(cases.size(), 8U);
  for (const auto& one : cases) {
    const auto text = one.at("text").get<std::string>();
    EXPECT_TRUE(tensors_near(evaluated(text, {tensor_of(one.at("images"))}), tensor_of(one.at("result")), 1e-12, 1e-12))
        << text;
  }
}

TEST(ImageFunctions, SayWhatTheyTake) {
  const HostTensor rows = random_tensor({2, 3}, 1);
  for (const std::string text : {"upsample(a)", "downsample(a)", "blur(a)", "greyscale(a)", "edges(a)"}) {
    EXPECT_THAT(refused(text, {rows}), HasSubstr(": takes images [height, width, channels], not [3]")) << text;
  }
  EXPECT_THAT(refused("greyscale(a)", {random_tensor({2, 3, 3, 4}, 1)}), HasSubstr("takes 1 or 3 channels, not 4"));
  EXPECT_THAT(refused("downsample(a, 2)", {random_tensor({2, 3, 4, 1}, 1)}), HasSubstr("is no multiple of 2"));
  EXPECT_THAT(refused("blur(a, [1, -1])", {random_tensor({2, 3, 4, 1}, 1)}), HasSubstr("add up to more than 0"));
}

TEST(ImageFunctions, LeaveGreyImagesGrey) {
  const HostTensor grey = random_tensor({2, 3, 3, 1}, 1);
  EXPECT_EQ(evaluated("greyscale(a)", {grey}).values, grey.values);
}

// ── diff_augment ──

constexpr int64_t count = 200, height = 9, width = 16, channels = 3;

HostTensor some_images() { return random_tensor({count, height, width, channels}, 7); }

std::size_t at(int64_t image, int64_t row, int64_t column, int64_t channel) {
  return static_cast<std::size_t>(((image * height + row) * width + column) * channels + channel);
}

// The draw of that name for an image, as the harness gives it.
double drawn(const std::string& name, int64_t image) {
  const auto bits = random_bits(stream_key(1, 0, name), {}, static_cast<uint64_t>(image / 4));
  return uniform_double(bits[static_cast<std::size_t>(image % 4)]);
}

TEST(DiffAugment, MovesImagesByWholePixels) {
  const HostTensor images = some_images();
  const HostTensor moved = evaluated("diff_augment(a, policy=translation)", {images}, count);
  std::map<std::pair<int64_t, int64_t>, int> shifts;
  for (int64_t image = 0; image < count; ++image) {
    // An eighth of 9 is 1, of 16 is 2.
    const auto down = static_cast<int64_t>(std::floor(drawn("down", image) * 3)) - 1;
    const auto right = static_cast<int64_t>(std::floor(drawn("right", image) * 5)) - 2;
    ++shifts[{down, right}];
    for (int64_t row = 0; row < height; ++row) {
      for (int64_t column = 0; column < width; ++column) {
        const int64_t from_row = row + down, from_column = column + right;
        const bool inside = from_row >= 0 && from_row < height && from_column >= 0 && from_column < width;
        for (int64_t channel = 0; channel < channels; ++channel) {
          const double right_value = inside ? images.values[at(image, from_row, from_column, channel)] : 0;
          ASSERT_EQ(moved.values[at(image, row, column, channel)], right_value) << image << ' ' << row << ' ' << column;
        }
      }
    }
  }
  EXPECT_EQ(shifts.size(), 15U) << "all shifts are drawn";
}

// As the published program: a centre anywhere in the image, the rectangle around it clamped at the edges.
TEST(DiffAugment, CutsRectangles) {
  const HostTensor images = some_images();
  const HostTensor cut = evaluated("diff_augment(a, policy=cutout)", {images}, count);
  const auto hole = [](int64_t extent, double u) {
    const auto size = static_cast<int64_t>(static_cast<double>(extent) * 0.5 + 0.5);
    const auto centre = static_cast<int64_t>(std::floor(u * static_cast<double>(extent + 1 - size % 2)));
    std::set<int64_t> places;
    for (int64_t i = 0; i < size; ++i) places.insert(std::clamp<int64_t>(i + centre - size / 2, 0, extent - 1));
    return places;
  };
  for (int64_t image = 0; image < count; ++image) {
    const auto rows = hole(height, drawn("hole_row", image));
    const auto columns = hole(width, drawn("hole_column", image));
    for (int64_t row = 0; row < height; ++row) {
      for (int64_t column = 0; column < width; ++column) {
        const bool gone = rows.contains(row) && columns.contains(column);
        for (int64_t channel = 0; channel < channels; ++channel) {
          const std::size_t i = at(image, row, column, channel);
          ASSERT_EQ(cut.values[i], gone ? 0 : images.values[i]) << image << ' ' << row << ' ' << column;
        }
      }
    }
  }
}

TEST(DiffAugment, ChangesColours) {
  const HostTensor images = some_images();
  HostTensor right = images;
  for (int64_t image = 0; image < count; ++image) {
    double sum = 0;
    for (int64_t pixel = 0; pixel < height * width; ++pixel) {
      double* value = &right.values[at(image, 0, pixel, 0)];
      double grey = 0;
      for (int c = 0; c < channels; ++c) grey += (value[c] += drawn("brightness", image) - 0.5) / channels;
      for (int c = 0; c < channels; ++c) value[c] = (value[c] - grey) * 2 * drawn("saturation", image) + grey;
      for (int c = 0; c < channels; ++c) sum += value[c];
    }
    const double middle = sum / static_cast<double>(height * width * channels);
    for (int64_t i = 0; i < height * width * channels; ++i) {
      double& value = right.values[at(image, 0, 0, i)];
      value = (value - middle) * (drawn("contrast", image) + 0.5) + middle;
    }
  }
  EXPECT_TRUE(tensors_near(evaluated("diff_augment(a, policy=[color])", {images}, count), right, 1e-12, 1e-12));
}

int changed_images(const HostTensor& before, const HostTensor& after) {
  int changed = 0;
  const std::size_t size = before.values.size() / count;
  for (std::size_t i = 0; i < before.values.size(); i += size) {
    const auto row = before.values.begin() + static_cast<std::ptrdiff_t>(i);
    changed +=
        std::equal(row, row + static_cast<std::ptrdiff_t>(size), after.values.begin() + static_cast<std::ptrdiff_t>(i))
            ? 0
            : 1;
  }
  return changed;
}

TEST(DiffAugment, IsDoneToEachImageByItself) {
  const HostTensor images = some_images();
  const auto changed = [&](const std::string& text, const HostTensor& chance = {{}, {0}}) {
    return changed_images(images, evaluated(text, {images, chance}, count));
  };
  EXPECT_EQ(changed("diff_augment(a, probability=0)"), 0) << "bit for bit";
  EXPECT_EQ(changed("diff_augment(a)"), count);
  EXPECT_NEAR(changed("diff_augment(a, policy=cutout, probability=0.3)"), 60, 25);
  EXPECT_NEAR(changed("diff_augment(a, probability=b)", {{}, {0.3}}), count * (1 - 0.7 * 0.7 * 0.7), 30)
      << "each augmentation is drawn by itself";
  HostTensor half{{count, 1}, std::vector<double>(count, 0)};
  for (int64_t i = 0; i < count / 2; ++i) half.values[static_cast<std::size_t>(i)] = 1;
  EXPECT_EQ(changed("diff_augment(a, probability=b)", half), count / 2);
}

TEST(DiffAugment, SaysWhatItCannotDo) {
  EXPECT_THAT(refused("diff_augment(a, policy=[color, mirror])", {some_images()}),
              HasSubstr("'mirror' is no augmentation: color, translation or cutout"));
  EXPECT_THAT(refused("diff_augment(a, policy=[color, color])", {some_images()}), HasSubstr("stands twice"));
  EXPECT_THAT(refused("diff_augment(a, probability=2)", {some_images()}), HasSubstr("from 0 to 1"));
  EXPECT_THAT(refused("diff_augment(a, probability=b)", {some_images(), random_tensor({3}, 1)}),
              HasSubstr("one for each of 200 rows, not [3]"));
  EXPECT_THAT(refused("diff_augment(a)", {random_tensor({2, 3}, 1)}), HasSubstr("takes images"));
}

}  // namespace
}  // namespace duel
