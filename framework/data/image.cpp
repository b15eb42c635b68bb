#include "data/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "data/errors.hpp"
#include "data/image_formats.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

bool begins_with(std::span<const std::byte> content, std::string_view magic) {
  return content.size() >= magic.size() && std::memcmp(content.data(), magic.data(), magic.size()) == 0;
}

constexpr std::string_view png_magic = "\x89PNG\r\n\x1a\n";
constexpr std::string_view jpeg_magic = "\xff\xd8\xff";

// A file of less than its format's first bytes.
bool begins_like(std::span<const std::byte> content, std::string_view magic) {
  return content.size() < magic.size() && begins_with(content, magic.substr(0, content.size()));
}

enum class Format { png, jpeg };

// Names of formats that are common, yet not read.
std::string_view foreign_format(std::span<const std::byte> content) {
  constexpr std::array<std::array<std::string_view, 2>, 5> magics{{{"GIF8", "GIF"},
                                                                   {"BM", "BMP"},
                                                                   {"RIFF", "WebP"},
                                                                   {std::string_view("II*\0", 4), "TIFF"},
                                                                   {std::string_view("MM\0*", 4), "TIFF"}}};
  for (const auto& [magic, name] : magics) {
    if (begins_with(content, magic)) return name;
  }
  return {};
}

Format format_of(std::span<const std::byte> content, const fs::path& file) {
  if (content.empty()) fail_data(file, "is empty (0 bytes)", "fetch or make the file again");
  if (begins_with(content, png_magic)) return Format::png;
  if (begins_with(content, jpeg_magic)) return Format::jpeg;
  if (begins_like(content, png_magic) || begins_like(content, jpeg_magic)) {
    fail_data(file, "is cut short", "fetch or make the file again");
  }
  const std::string_view name = foreign_format(content);
  if (!name.empty()) fail_data(file, fmt::format("is a {} picture", name), "convert it to PNG or JPEG");
  fail_data(file, "is not a PNG or JPEG picture", "remove it, or make it again");
}

template <class Sample>
std::span<const Sample> samples_of(const Image& image) {
  return {reinterpret_cast<const Sample*>(image.pixels.data()), image.pixels.size() / sizeof(Sample)};
}

template <class Sample>
std::span<Sample> samples_of(Image& image) {
  return {reinterpret_cast<Sample*>(image.pixels.data()), image.pixels.size() / sizeof(Sample)};
}

Image empty_image(int64_t height, int64_t width, int64_t channels, int64_t bits) {
  Image out{height, width, channels, bits, {}};
  out.pixels.resize(static_cast<std::size_t>(out.samples() * bits / 8));
  return out;
}

// Changes of one pixel between numbers of channels. Whole numbers throughout, so that they are the same everywhere.
template <class Sample>
class PixelChange {
 public:
  PixelChange(int64_t from, int64_t to, int64_t background)
      : from_(from), to_(to), ground_(static_cast<uint64_t>(background) * full / 255) {}

  void operator()(const Sample* in, Sample* out) const {
    const bool colour = from_ >= 3;
    std::array<uint64_t, 3> rgb{in[0], in[colour ? 1 : 0], in[colour ? 2 : 0]};
    const uint64_t alpha = from_ % 2 == 0 ? in[from_ - 1] : full;
    if (to_ != 4 && alpha != full) {
      for (uint64_t& value : rgb) value = (value * alpha + ground_ * (full - alpha) + full / 2) / full;
    }
    if (to_ == 1) {
      // The weights of red, green and blue in 1/65536; they add up to one.
      out[0] = static_cast<Sample>(colour ? (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16 : rgb[0]);
      return;
    }
    for (std::size_t c = 0; c < 3; ++c) out[c] = static_cast<Sample>(rgb[c]);
    if (to_ == 4) out[3] = static_cast<Sample>(alpha);
  }

 private:
  static constexpr uint64_t full = std::numeric_limits<Sample>::max();
  int64_t from_, to_;
  uint64_t ground_;
};

template <class Sample>
Image change_channels(const Image& image, int64_t channels, int64_t background) {
  Image out = empty_image(image.height, image.width, channels, image.bits);
  const PixelChange<Sample> change(image.channels, channels, background);
  const Sample* from = samples_of<Sample>(image).data();
  Sample* to = samples_of<Sample>(out).data();
  for (int64_t i = 0; i < image.height * image.width; ++i) {
    change(from + i * image.channels, to + i * channels);
  }
  return out;
}

}  // namespace

void check_pixels(int64_t height, int64_t width, const fs::path& file) {
  if (height < 1 || width < 1) fail_data(file, fmt::format("has {} × {} pixels", height, width));
  if (height > most_pixels / width) {
    fail_data(file, fmt::format("has {} × {} pixels, more than this program takes", height, width));
  }
}

ImageHeader read_image_header(std::span<const std::byte> content, const fs::path& file) {
  return format_of(content, file) == Format::png ? read_png_header(content, file) : read_jpeg_header(content, file);
}

Image decode_image(std::span<const std::byte> content, const fs::path& file) {
  return format_of(content, file) == Format::png ? decode_png(content, file) : decode_jpeg(content, file);
}

Image with_bits(Image image, int64_t bits) {
  if (image.bits == bits) return image;
  Image out = empty_image(image.height, image.width, image.channels, bits);
  if (bits == 8) {
    std::ranges::transform(samples_of<uint16_t>(image), samples_of<uint8_t>(out).begin(),
                           [](uint16_t value) { return static_cast<uint8_t>((value + 128) / 257); });
  } else {
    std::ranges::transform(samples_of<uint8_t>(image), samples_of<uint16_t>(out).begin(),
                           [](uint8_t value) { return static_cast<uint16_t>(value * 257); });
  }
  return out;
}

Image with_channels(const Image& image, int64_t channels, int64_t background) {
  if (image.channels == channels) return image;
  return image.bits == 8 ? change_channels<uint8_t>(image, channels, background)
                         : change_channels<uint16_t>(image, channels, background);
}

void image_to_floats(std::span<const std::byte> pixels, int64_t bits, float* out) {
  if (bits == 8) {
    for (const std::byte value : pixels) *out++ = static_cast<float>(std::to_integer<uint8_t>(value));
    return;
  }
  for (std::size_t at = 0; at < pixels.size(); at += 2) {
    uint16_t value;
    std::memcpy(&value, pixels.data() + at, sizeof value);
    *out++ = static_cast<float>(value) / 257.0f;
  }
}

void floats_to_image(std::span<const float> values, int64_t bits, std::byte* out) {
  for (const float value : values) {
    if (bits == 8) {
      *out++ = static_cast<std::byte>(std::lround(std::clamp(value, 0.0f, 255.0f)));
    } else {
      const auto wide = static_cast<uint16_t>(std::lround(std::clamp(value * 257.0f, 0.0f, 65535.0f)));
      std::memcpy(out, &wide, sizeof wide);
      out += sizeof wide;
    }
  }
}

}  // namespace duel
