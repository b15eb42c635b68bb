// Decoding, against Pillow and against the samples that a file was made of.
#include "data/image.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <span>

#include "base/error.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes from_hex(const std::string& hex) {
  Bytes out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return out;
}

std::vector<int> samples_of(const Image& image) {
  std::vector<int> out;
  for (std::size_t at = 0; at < image.pixels.size(); at += static_cast<std::size_t>(image.bits / 8)) {
    uint16_t wide = 0;
    std::memcpy(&wide, image.pixels.data() + at, static_cast<std::size_t>(image.bits / 8));  // little-endian
    out.push_back(wide);
  }
  return out;
}

Image decoded(const std::string& file) { return decode_image(bytes_of(file), "picture"); }

std::string image_refusal(const std::string& file) {
  return refusal_of([&] { decoded(file); });
}

class PillowPicture : public testing::TestWithParam<std::string> {};

TEST_P(PillowPicture, IsReadAsPillowReadsIt) {
  const auto all = read_vectors(std::string(DUEL_SOURCE_DIR) + "/tests/unit/data/pictures.json");
  const auto& picture = all.at(GetParam());
  const Bytes file = from_hex(picture.at("file").get<std::string>());
  const Image image = decode_image(file, "picture");
  EXPECT_EQ(image.height, picture.at("height").get<int64_t>());
  EXPECT_EQ(image.width, picture.at("width").get<int64_t>());
  const auto with_alpha = picture.at("alpha").get<std::vector<int>>();
  EXPECT_EQ(samples_of(with_channels(image, 4, 0)), with_alpha);
  std::vector<int> on_ground;
  for (std::size_t i = 0; i < with_alpha.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      const double share = with_alpha[i + 3] / 255.0;
      on_ground.push_back(static_cast<int>(std::lround(with_alpha[i + c] * share + 200 * (1 - share))));
    }
  }
  EXPECT_EQ(samples_of(with_channels(image, 3, 200)), on_ground);
  if (image.channels % 2 == 0) return;  // Pillow leaves alpha away, this program does not
  EXPECT_EQ(on_ground, picture.at("colour").get<std::vector<int>>());
  EXPECT_EQ(samples_of(with_channels(image, 1, 0)), picture.at("grey").get<std::vector<int>>());
  const ImageHeader header = read_image_header(file, "picture");
  EXPECT_EQ((std::array{header.height, header.width, header.channels, header.bits}),
            (std::array{image.height, image.width, image.channels, image.bits}));
}

INSTANTIATE_TEST_SUITE_P(All, PillowPicture,
                         testing::Values("grey", "bits", "grey_alpha", "colour", "colour_alpha", "palette",
                                         "palette_of_three_with_alpha", "jpeg_grey", "jpeg_colour",
                                         "jpeg_colour_progressive", "jpeg_cmyk"));

TEST(Image, KeepsTheSamplesOfPngFiles) {
  for (const int channels : {1, 2, 3, 4}) {
    for (const int bits : {8, 16}) {
      for (const bool interlaced : {false, true}) {
        const TestPicture picture = noise_picture(5, 3, channels, 7, bits);
        const Image image = decoded(png_file(picture, interlaced));
        EXPECT_EQ(image.channels, channels);
        EXPECT_EQ(image.bits, bits);
        EXPECT_EQ(samples_of(image), picture.samples) << channels << " channels of " << bits << " bits";
      }
    }
  }
}

TEST(Image, ChangesBits) {
  const TestPicture picture{1, 5, 1, 16, {0, 128, 129, 65406, 65535}};
  EXPECT_EQ(samples_of(with_bits(decoded(png_file(picture)), 8)), (std::vector<int>{0, 0, 1, 254, 255}));
  const TestPicture narrow{1, 3, 1, 8, {0, 1, 255}};
  EXPECT_EQ(samples_of(with_bits(decoded(png_file(narrow)), 16)), (std::vector<int>{0, 257, 65535}));
}

TEST(Image, GoesToFloatsAndBackUnchanged) {
  for (const int bits : {8, 16}) {
    const Image image = decoded(png_file(noise_picture(9, 9, 3, 3, bits)));
    std::vector<float> values(static_cast<std::size_t>(image.samples()));
    image_to_floats(image.pixels, bits, values.data());
    EXPECT_THAT(values, testing::Each(testing::AllOf(testing::Ge(0), testing::Le(255))));
    Bytes back(image.pixels.size());
    floats_to_image(values, bits, back.data());
    EXPECT_EQ(back, image.pixels);
  }
  Bytes clipped(2);
  floats_to_image(std::vector<float>{-3.f, 270.f}, 8, clipped.data());
  EXPECT_EQ(clipped, (Bytes{std::byte{0}, std::byte{255}}));
}

TEST(Image, RefusesEveryTruncation) {
  for (const std::string& file : {png_file(noise_picture(4, 4, 3, 1)), jpeg_file(even_picture(16, 16, 3, 90)),
                                  jpeg_file(noise_picture(8, 8, 1, 2))}) {
    EXPECT_EQ(image_refusal(file), "accepted");
    for (std::size_t size = 0; size < file.size(); ++size) {
      EXPECT_THAT(image_refusal(file.substr(0, size)), HasSubstr("picture: ")) << size << " of " << file.size();
    }
  }
}

TEST(Image, SaysWhatIsWrong) {
  const std::string png = png_file(noise_picture(4, 4, 3, 1));
  EXPECT_EQ(image_refusal(""), "picture: is empty (0 bytes); fetch or make the file again");
  EXPECT_EQ(image_refusal("hello"), "picture: is not a PNG or JPEG picture; remove it, or make it again");
  EXPECT_EQ(image_refusal("GIF89a…"), "picture: is a GIF picture; convert it to PNG or JPEG");
  EXPECT_EQ(image_refusal(png.substr(0, 60)), "picture: the PNG data is cut short; fetch or make the file again");
  std::string damaged = png;
  damaged[50] = static_cast<char>(damaged[50] ^ 1);
  EXPECT_THAT(image_refusal(damaged), HasSubstr("picture: the PNG data is damaged ("));
  const std::string jpeg = jpeg_file(noise_picture(32, 32, 3, 1));
  EXPECT_EQ(image_refusal(jpeg.substr(0, jpeg.size() / 2)),
            "picture: the JPEG data is cut short; fetch or make the file again");
  std::string huge = png_file(even_picture(1, 1, 1, 0));
  for (const std::size_t at : {18, 22}) huge[at] = '\x01';  // 65537 × 65537 pixels, with wrong checksums
  EXPECT_THAT(image_refusal(huge), HasSubstr("picture: the PNG data is damaged"));
  std::string wide = jpeg;
  const std::size_t frame = wide.find("\xff\xc0");
  for (const std::size_t at : {5, 6, 7, 8}) wide[frame + at] = '\xf0';
  EXPECT_THAT(image_refusal(wide), HasSubstr("has 61680 × 61680 pixels, more than this program takes"));
}

// Whatever the bytes, the answer is a picture or a refusal.
TEST(Image, SurvivesDamage) {
  std::mt19937 random(1);
  for (const std::string& whole : {png_file(noise_picture(6, 6, 3, 1)), jpeg_file(noise_picture(16, 16, 3, 2))}) {
    int accepted = 0;
    for (int round = 0; round < 400; ++round) {
      std::string file = whole;
      for (int i = 0; i < 3; ++i) file[random() % file.size()] = static_cast<char>(random());
      accepted += image_refusal(file) == "accepted" ? 1 : 0;
    }
    EXPECT_LT(accepted, 400);
  }
}

}  // namespace
}  // namespace duel
