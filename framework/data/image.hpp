// Pictures in memory, and how files of them become such: PNG (libpng) and JPEG (libjpeg-turbo).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/file.hpp"

namespace duel {

// Rows of pixels, each of its channels side by side. Samples of 16 bits are in this machine's byte order.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;  // 1 grey, 2 grey and alpha, 3 red, green, blue, 4 the same and alpha
  int64_t bits = 8;      // of a sample: 8 or 16
  Bytes pixels;

  int64_t samples() const { return height * width * channels; }
};

// What a file says of itself before its pixels: an Image without them. A palette with transparent entries may turn out
// to have alpha only when it is decoded.
using ImageHeader = Image;

// Pictures of more pixels are refused: a small file may promise a great many.
constexpr int64_t most_pixels = int64_t{1} << 28;

// All throw UserError(ExitCode::data) naming `file`: empty, not a PNG or JPEG file, damaged, cut short, too large.
ImageHeader read_image_header(std::span<const std::byte> content, const std::filesystem::path& file);
// The picture as the file has it: palettes become colours, 1, 2 and 4 bits become 8, CMYK (as Adobe writes it, 255 for
// no ink) becomes red, green, blue. Colour profiles, gamma and orientation are not applied.
Image decode_image(std::span<const std::byte> content, const std::filesystem::path& file);

// The same picture with so many bits: v / 257 rounded, or v · 257.
Image with_bits(Image image, int64_t bits);
// The same picture with 1, 3 or 4 channels. Without alpha, it is laid on an even ground of the grey `background`, 0 …
// 255: (v·α + background·(1 − α)). Grey is 0.299 red + 0.587 green + 0.114 blue (Rec. ITU-R BT.601).
Image with_channels(const Image& image, int64_t channels, int64_t background);

// One sample as a float in 0 … 255, whatever its bits: 16-bit samples are divided by 257.
void image_to_floats(std::span<const std::byte> pixels, int64_t bits, float* out);
// Back from floats in 0 … 255: rounded and clipped.
void floats_to_image(std::span<const float> values, int64_t bits, std::byte* out);

}  // namespace duel
