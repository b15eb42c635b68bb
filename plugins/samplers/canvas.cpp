#include "plugins/samplers/canvas.hpp"

#include <algorithm>
#include <cmath>

namespace duel {
namespace {

constexpr int64_t glyph_width = 5;
constexpr int64_t glyph_height = 7;
constexpr int64_t scale = 2;
constexpr int64_t advance = (glyph_width + 1) * scale;
static_assert(Canvas::text_height == glyph_height * scale);

// A letter as seven rows of five dots.
struct Glyph {
  char letter;
  std::array<std::string_view, glyph_height> rows;
};

constexpr std::array font{
    Glyph{'0', {" ### ", "#   #", "#  ##", "# # #", "##  #", "#   #", " ### "}},
    Glyph{'1', {"  #  ", " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "}},
    Glyph{'2', {" ### ", "#   #", "    #", "  ## ", " #   ", "#    ", "#####"}},
    Glyph{'3', {" ### ", "#   #", "    #", "  ## ", "    #", "#   #", " ### "}},
    Glyph{'4', {"   # ", "  ## ", " # # ", "#  # ", "#####", "   # ", "   # "}},
    Glyph{'5', {"#####", "#    ", "#### ", "    #", "    #", "#   #", " ### "}},
    Glyph{'6', {"  ## ", " #   ", "#    ", "#### ", "#   #", "#   #", " ### "}},
    Glyph{'7', {"#####", "    #", "   # ", "  #  ", "  #  ", " #   ", " #   "}},
    Glyph{'8', {" ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### "}},
    Glyph{'9', {" ### ", "#   #", "#   #", " ####", "    #", "   # ", " ##  "}},
    Glyph{'-', {"     ", "     ", "     ", "#####", "     ", "     ", "     "}},
    Glyph{'+', {"     ", "  #  ", "  #  ", "#####", "  #  ", "  #  ", "     "}},
    Glyph{'.', {"     ", "     ", "     ", "     ", "     ", " ##  ", " ##  "}},
    Glyph{' ', {"     ", "     ", "     ", "     ", "     ", "     ", "     "}},
    Glyph{'a', {"     ", "     ", " ### ", "    #", " ####", "#   #", " ####"}},
    Glyph{'d', {"    #", "    #", " ####", "#   #", "#   #", "#   #", " ####"}},
    Glyph{'e', {"     ", "     ", " ### ", "#   #", "#####", "#    ", " ### "}},
    Glyph{'f', {"  ## ", " #   ", "#### ", " #   ", " #   ", " #   ", " #   "}},
    Glyph{'g', {"     ", "     ", " ####", "#   #", " ####", "    #", " ### "}},
    Glyph{'i', {"  #  ", "     ", " ##  ", "  #  ", "  #  ", "  #  ", " ### "}},
    Glyph{'l', {" ##  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "}},
    Glyph{'n', {"     ", "     ", "#### ", "#   #", "#   #", "#   #", "#   #"}},
    Glyph{'o', {"     ", "     ", " ### ", "#   #", "#   #", "#   #", " ### "}},
    Glyph{'r', {"     ", "     ", "# ## ", "##   ", "#    ", "#    ", "#    "}},
    Glyph{'s', {"     ", "     ", " ####", "#    ", " ### ", "    #", "#### "}},
    Glyph{'t', {" #   ", " #   ", "#### ", " #   ", " #   ", " #   ", "  ## "}},
    Glyph{'u', {"     ", "     ", "#   #", "#   #", "#   #", "#   #", " ####"}},
};

const Glyph& glyph_of(char letter) {
  const auto found = std::ranges::find(font, letter, &Glyph::letter);
  DUEL_CHECK(found != font.end(), "the font has no '{}'", letter);
  return *found;
}

}  // namespace

Canvas::Canvas(int64_t width, int64_t height, Colour background) : picture_{height, width, 3, {}} {
  picture_.pixels.resize(static_cast<std::size_t>(width * height * 3));
  rectangle(0, 0, width, height, background);
}

void Canvas::blend(int64_t x, int64_t y, Colour colour, double share) {
  if (x < 0 || y < 0 || x >= picture_.width || y >= picture_.height) return;
  uint8_t* pixel = picture_.pixels.data() + (y * picture_.width + x) * 3;
  for (std::size_t c = 0; c < 3; ++c) {
    pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + share * (colour[c] - pixel[c])));
  }
}

void Canvas::rectangle(int64_t left, int64_t top, int64_t width, int64_t height, Colour colour) {
  for (int64_t y = top; y < top + height; ++y) {
    for (int64_t x = left; x < left + width; ++x) blend(x, y, colour, 1);
  }
}

void Canvas::dot(double x, double y, double radius, Colour colour, double opacity) {
  const auto first_row = static_cast<int64_t>(std::floor(y - radius - 1));
  const auto first_column = static_cast<int64_t>(std::floor(x - radius - 1));
  const auto reach = static_cast<int64_t>(2 * radius + 3);
  for (int64_t row = first_row; row <= first_row + reach; ++row) {
    for (int64_t column = first_column; column <= first_column + reach; ++column) {
      const double distance = std::hypot(static_cast<double>(column) + 0.5 - x, static_cast<double>(row) + 0.5 - y);
      const double cover = std::clamp(radius + 0.5 - distance, 0.0, 1.0);
      if (cover > 0) blend(column, row, colour, cover * opacity);
    }
  }
}

int64_t Canvas::text_width(std::string_view text) {
  return text.empty() ? 0 : static_cast<int64_t>(text.size()) * advance - scale;
}

void Canvas::text(int64_t left, int64_t top, std::string_view text, Colour colour) {
  for (const char letter : text) {
    const Glyph& glyph = glyph_of(letter);
    for (int64_t row = 0; row < glyph_height; ++row) {
      for (int64_t column = 0; column < glyph_width; ++column) {
        const bool ink = glyph.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] == '#';
        if (ink) rectangle(left + column * scale, top + row * scale, scale, scale, colour);
      }
    }
    left += advance;
  }
}

}  // namespace duel
