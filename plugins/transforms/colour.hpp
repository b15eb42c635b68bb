// Changes of the colours of images.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// Brightness, contrast, saturation and hue changed a little, each by an amount drawn for each example, in this order:
//   brightness  b + (v − b) · f, b the value of black
//   contrast    m + (v − m) · f, m the mean grey of the image
//   saturation  g + (v − g) · f, g the grey of the pixel; of three channels
//   hue         turned by t of the colour circle (HSV); of three channels
// with f uniform in [max(0, 1 − amount), 1 + amount] and t uniform in [−hue, hue]. Values are clipped to the range
// after each. Grey is 0.299 red + 0.587 green + 0.114 blue. A fourth channel, alpha, is left as it is.
class ColorJitter final : public FieldwiseTransform {
 public:
  double brightness = 0;
  double contrast = 0;
  double saturation = 0;
  double hue = 0;
  std::vector<double> range{0, 255};

  std::string conflict() const;
  static void declare(Declaration<ColorJitter>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

// 0.299 red + 0.587 green + 0.114 blue (Rec. ITU-R BT.601), in one channel, or in as many equal ones as there were.
// Alpha is dropped.
class Greyscale final : public FieldwiseTransform {
 public:
  int64_t channels = 1;

  std::string conflict() const;
  static void declare(Declaration<Greyscale>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
