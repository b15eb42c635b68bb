#include "store/png.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::vector<uint8_t> pixels_of(int64_t count) {
  std::vector<uint8_t> pixels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 7 + i / 256);
  return pixels;
}

TEST(Png, ReadsBackAsWritten) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "picture.png";
  for (const int64_t channels : {1, 3}) {
    const std::vector<uint8_t> pixels = pixels_of(17 * 31 * channels);
    write_png(path, 17, 31, channels, pixels);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    ASSERT_NE(png_image_begin_read_from_file(&image, path.c_str()), 0) << image.message;
    EXPECT_EQ(image.height, 17U);
    EXPECT_EQ(image.width, 31U);
    const auto format = static_cast<png_uint_32>(channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB);
    EXPECT_EQ(image.format, format);
    std::vector<uint8_t> read(pixels.size());
    ASSERT_NE(png_image_finish_read(&image, nullptr, read.data(), 0, nullptr), 0) << image.message;
    EXPECT_EQ(read, pixels);
  }
}

TEST(Png, IsWrittenWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "picture.png";
  inject_fault({2, ENOSPC, false});
  EXPECT_THROW(write_png(path, 2, 2, 1, pixels_of(4)), UserError);
  inject_fault({});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Png, RefusesWhatItCannotWrite) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "picture.png";
  EXPECT_THROW(write_png(path, 2, 2, 2, pixels_of(8)), InternalError);
  EXPECT_THROW(write_png(path, 2, 2, 1, pixels_of(5)), InternalError);
  EXPECT_THROW(write_png(path, 1, 2000000, 1, pixels_of(2000000)), UserError);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace duel
