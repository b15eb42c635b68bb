#include "plugins/transforms/flip.hpp"

#include <algorithm>

namespace duel {

Field FlipExample::changed(const Field& field) const {
  check_image("flip", field);
  return field;
}

void FlipExample::change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const {
  const bool flipped = random != nullptr && random->uniform() < probability;
  const bool horizontal = axis == "horizontal";
  const int64_t height = field.shape[0], width = field.shape[1], channels = field.shape[2];
  for (int64_t y = 0; y < height; ++y) {
    const int64_t row = flipped && !horizontal ? height - 1 - y : y;
    for (int64_t x = 0; x < width; ++x, out += channels) {
      const int64_t column = flipped && horizontal ? width - 1 - x : x;
      std::copy_n(in.data() + (row * width + column) * channels, channels, out);
    }
  }
}

void FlipExample::declare(Declaration<FlipExample>& d) {
  d.help("mirrors some of the images, drawn for each example");
  d.parameter("axis", &FlipExample::axis, "horizontal: left and right change places; vertical: above and below")
      .main()
      .one_of({"horizontal", "vertical"});
  d.parameter("probability", &FlipExample::probability, "share of the examples that are mirrored").min(0).max(1);
  declare_fields(d);
}

}  // namespace duel
