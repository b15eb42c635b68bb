// Animated PNG: pictures one after another in one file that browsers play and other programs show the first of.
// PNG specification, third edition (W3C 2025), sections 5.3 and 11.3.6 (acTL, fcTL, fdAT).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace duel {

// Makes one animation of PNG files, in their order; each is shown for so many milliseconds (1 … 65535), the last three
// times as long, and then all begins again. Written atomically. Throws UserError: ExitCode::data for a file that is no
// PNG picture, is damaged, or has another size or kind of pixels than the first; ExitCode::storage where nothing can be
// written. There is at least one frame.
void write_animation(const std::filesystem::path& path, std::span<const std::filesystem::path> frames,
                     int64_t milliseconds);

}  // namespace duel
