// The two formats that data/image.hpp reads, one a source. For that room's own use.
#pragma once

#include "data/image.hpp"

namespace duel {

// Content that begins as the format does. Errors as read_image_header and decode_image.
ImageHeader read_png_header(std::span<const std::byte> content, const std::filesystem::path& file);
Image decode_png(std::span<const std::byte> content, const std::filesystem::path& file);
ImageHeader read_jpeg_header(std::span<const std::byte> content, const std::filesystem::path& file);
Image decode_jpeg(std::span<const std::byte> content, const std::filesystem::path& file);

// Fails for no pixels and for more than most_pixels.
void check_pixels(int64_t height, int64_t width, const std::filesystem::path& file);

}  // namespace duel
