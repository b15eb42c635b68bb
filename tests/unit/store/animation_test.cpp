// Animations: each frame, taken out and made a picture of its own, is the picture that went in.
#include "store/animation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include "base/file.hpp"
#include "store/png.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

uint32_t big_endian(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[at + i])); };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

struct Chunk {
  std::string type;
  std::string data;
};

std::vector<Chunk> chunks_of(const std::string& text) {
  std::vector<Chunk> out;
  for (std::size_t at = 8; at < text.size();) {
    const std::size_t size = big_endian(text, at);
    out.push_back({text.substr(at + 4, 4), text.substr(at + 8, size)});
    const std::string body = text.substr(at + 4, 4 + size);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())),
              big_endian(text, at + 8 + size))
        << out.back().type;
    at += 12 + size;
  }
  return out;
}

// By libpng, which knows nothing of animations and reads the first frame.
std::vector<uint8_t> grey_pixels(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, png.data(), png.size()), 0) << image.message;
  image.format = PNG_FORMAT_GRAY;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0) << image.message;
  return pixels;
}

std::string chunk_text(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto number = [](uint32_t value) {
    return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                       static_cast<char>(value)};
  };
  return number(static_cast<uint32_t>(data.size())) + body +
         number(static_cast<uint32_t>(
             crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
}

class Animation : public ::testing::Test {
 protected:
  fs::path picture(const std::string& name, const std::vector<uint8_t>& pixels, int64_t width = 3) {
    const fs::path file = folder_.path() / name;
    write_png(file, std::ssize(pixels) / width, width, 1, pixels);
    return file;
  }

  TemporaryFolder folder_;
};

TEST_F(Animation, HoldsItsPicturesInOrder) {
  const std::vector<std::vector<uint8_t>> pixels{{1, 2, 3, 4, 5, 6}, {9, 9, 9, 0, 0, 0}, {255, 0, 7, 7, 0, 255}};
  std::vector<fs::path> files;
  for (const auto& frame : pixels) files.push_back(picture(std::to_string(files.size()) + ".png", frame));
  const fs::path file = folder_.path() / "all.png";
  write_animation(file, files, 250);

  const std::string text = read_text(file);
  EXPECT_EQ(grey_pixels(text), pixels[0]) << "a program that knows no animations shows the first";
  const std::vector<Chunk> chunks = chunks_of(text);
  std::vector<std::string> types;
  for (const Chunk& chunk : chunks) types.push_back(chunk.type);
  EXPECT_THAT(types, ElementsAre("IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"));
  EXPECT_EQ(big_endian(chunks[1].data, 0), 3u) << "frames";
  EXPECT_EQ(big_endian(chunks[1].data, 4), 0u) << "without end";

  uint32_t sequence = 0;
  std::vector<int> milliseconds;
  std::size_t frame = 0;
  for (const Chunk& chunk : chunks) {
    if (chunk.type == "fcTL") {
      ASSERT_EQ(chunk.data.size(), 26u);
      EXPECT_EQ(big_endian(chunk.data, 0), sequence++);
      EXPECT_EQ(big_endian(chunk.data, 4), 3u);
      EXPECT_EQ(big_endian(chunk.data, 8), 2u);
      milliseconds.push_back(static_cast<int>(big_endian(chunk.data, 20) >> 16));
      EXPECT_EQ(big_endian(chunk.data, 20) & 0xffff, 1000u);
    }
    if (chunk.type != "fdAT") continue;
    EXPECT_EQ(big_endian(chunk.data, 0), sequence++);
    const std::string alone = text.substr(0, 8) + chunk_text("IHDR", chunks[0].data) +
                              chunk_text("IDAT", chunk.data.substr(4)) + chunk_text("IEND", "");
    EXPECT_EQ(grey_pixels(alone), pixels[++frame]);
  }
  EXPECT_THAT(milliseconds, ElementsAre(250, 250, 750));
}

TEST_F(Animation, RefusesPicturesThatDoNotFit) {
  const fs::path first = picture("a.png", {1, 2, 3}), wider = picture("b.png", {1, 2, 3, 4}, 4);
  const fs::path out = folder_.path() / "out.png";
  EXPECT_THAT(refusal_of([&] {
                write_animation(out, std::vector{first, wider}, 100);
              }),
              HasSubstr("b.png: is 4 x 1 pixels, and the first picture 3 x 1"));
  write_file_atomically(folder_.path() / "c.png", std::string("no picture"));
  EXPECT_THAT(refusal_of([&] { write_animation(out, std::vector{folder_.path() / "c.png"}, 100); }),
              HasSubstr("is no PNG picture"));
  std::string damaged = read_text(first);
  damaged[45] = static_cast<char>(damaged[45] ^ 1);
  write_file_atomically(folder_.path() / "d.png", damaged);
  EXPECT_THAT(refusal_of([&] { write_animation(out, std::vector{folder_.path() / "d.png"}, 100); }),
              HasSubstr("is damaged"));
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace duel
