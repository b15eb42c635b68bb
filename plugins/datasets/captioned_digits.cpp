#include "plugins/datasets/captioned_digits.hpp"

#include <fmt/format.h>

#include "plugins/datasets/digit_pen.hpp"

namespace duel {
namespace {

// In the order of their numbers.
const std::vector<std::string>& words() {
  static const std::vector<std::string> all{"a",    "thin",    "thick", "red",   "yellow", "green", "cyan",
                                            "blue", "magenta", "zero",  "one",   "two",    "three", "four",
                                            "five", "six",     "seven", "eight", "nine"};
  return all;
}
constexpr int64_t first_thickness = 1, first_colour = 3, first_digit = 9;
constexpr uint64_t colours = 6;

// Raise when the drawing changes: it is part of the fingerprint.
constexpr int caption_drawing_version = 1;

}  // namespace

std::vector<Field> CaptionedDigitsSource::drawn_fields() const {
  const auto count = static_cast<int64_t>(words().size());
  return {{"image", {size, size, 3}, 0}, {"caption", {4}, count, words()}, {"label", {}, 10}};
}

DrawExample CaptionedDigitsSource::drawing() const {
  return [size = size, noise = noise](RandomStream& random, std::span<float* const> out) {
    const auto digit = static_cast<int64_t>(random.below(10));
    const auto thick = static_cast<int64_t>(random.below(2));
    const auto colour = static_cast<int64_t>(random.below(colours));
    DigitLook look{.size = size, .colour = true, .noise = noise};
    look.pressure = (static_cast<double>(2 * thick) + random.uniform()) / 3;
    look.hue = static_cast<double>(colour) / static_cast<double>(colours) + random.uniform(-0.05, 0.05);
    static thread_local std::vector<uint8_t> image;
    image.resize(static_cast<std::size_t>(3 * size * size));
    draw_digit(static_cast<int>(digit), look, random, image);
    std::ranges::copy(image, out[0]);
    out[1][0] = 0;
    out[1][1] = static_cast<float>(first_thickness + thick);
    out[1][2] = static_cast<float>(first_colour + colour);
    out[1][3] = static_cast<float>(first_digit + digit);
    *out[2] = static_cast<float>(digit);
  };
}

std::string CaptionedDigitsSource::description() const {
  return fmt::format("captioned digits {}: size {}, noise {}", caption_drawing_version, size, noise);
}

void CaptionedDigitsSource::declare(Declaration<CaptionedDigitsSource>& d) {
  d.help(
      "coloured digits drawn by the program, each with a caption of four words (a thick red seven); fields image (0 to "
      "255), caption (numbers of words) and label");
  d.parameter("size", &CaptionedDigitsSource::size, "height and width in pixels").main().min(16).max(1024);
  d.parameter("noise", &CaptionedDigitsSource::noise, "how unevenly the ink takes, as a share of its brightness")
      .min(0)
      .max(1);
  declare_drawing(d);
}

}  // namespace duel
