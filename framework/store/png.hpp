// PNG pictures (libpng), written atomically.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace duel {

// 8-bit, row-major, 1 (grey) or 3 (RGB) channels.
void write_png(const std::filesystem::path& path, int64_t height, int64_t width, int64_t channels,
               std::span<const uint8_t> pixels);

}  // namespace duel
