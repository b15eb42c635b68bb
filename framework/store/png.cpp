#include "store/png.hpp"

#include <png.h>

#include "base/error.hpp"
#include "base/file.hpp"

namespace duel {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason) {
  throw UserError(ExitCode::storage,
                  Problem{{path.string(), 0, 0}, {}, "cannot make a PNG picture: " + reason, {}, {}});
}

}  // namespace

void write_png(const std::filesystem::path& path, int64_t height, int64_t width, int64_t channels,
               std::span<const uint8_t> pixels) {
  DUEL_CHECK(height > 0 && width > 0 && (channels == 1 || channels == 3), "a picture of {}x{}x{}", height, width,
             channels);
  constexpr int64_t longest_side = PNG_USER_WIDTH_MAX;
  if (height > longest_side || width > longest_side)
    fail(path, fmt::format("{} x {} pixels, and libpng takes at most {} on a side", width, height, longest_side));
  DUEL_CHECK(static_cast<int64_t>(pixels.size()) == height * width * channels, "{} bytes for {}x{}x{}", pixels.size(),
             height, width, channels);

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
    fail(path, image.message);
  bytes.resize(size);
  write_file_atomically(path, bytes);
}

}  // namespace duel
