// Coloured digits that the program draws, with captions in words.
#pragma once

#include "plugins/datasets/drawn.hpp"

namespace duel {

// "a thick red seven" and its picture: fields image [size, size, 3], 0 … 255, caption [4], the numbers of its words,
// and label (the digit). Digit, thickness (thin, thick) and colour (red, yellow, green, cyan, blue, magenta) are drawn
// independently, with equal probability; the pen is one of the thinnest or thickest third of those that `digits` draws
// with, the ink within a twentieth of a turn of the colour's hue. The names of the words are the caption's class names.
class CaptionedDigitsSource final : public DrawnSource {
 public:
  int64_t size = 32;
  double noise = 0.1;

  static void declare(Declaration<CaptionedDigitsSource>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

}  // namespace duel
