#include "plugins/transforms/crop.hpp"

#include <algorithm>

#include "graph/op.hpp"

namespace duel {
namespace {

constexpr int64_t longest_side = 1 << 14;

std::string size_conflict(const std::vector<int64_t>& size) {
  return size.empty() || size.size() > 2 ? "'size' has one number, or height and width" : "";
}

std::string padding_conflict(const std::vector<int64_t>& padding) {
  return padding.size() != 1 && padding.size() != 4 ? "'padding' has one number, or top, bottom, left and right" : "";
}

// Copies the window of `window` rows and columns from (top, left) on, which may lie outside; there `value` stands.
void copy_window(const Shape& shape, std::span<const float> in, int64_t top, int64_t left,
                 const std::array<int64_t, 2>& window, float value, float* out) {
  const int64_t channels = shape[2];
  for (int64_t y = top; y < top + window[0]; ++y) {
    for (int64_t x = left; x < left + window[1]; ++x, out += channels) {
      if (y < 0 || y >= shape[0] || x < 0 || x >= shape[1]) {
        std::fill_n(out, channels, value);
      } else {
        std::copy_n(in.data() + (y * shape[1] + x) * channels, channels, out);
      }
    }
  }
}

Field cropped(const char* transform, const Field& field, const std::vector<int64_t>& size,
              const std::array<int64_t, 4>& padding) {
  check_image(transform, field);
  const auto [height, width] = height_and_width(size);
  const int64_t available_height = field.shape[0] + padding[0] + padding[1];
  const int64_t available_width = field.shape[1] + padding[2] + padding[3];
  if (height > available_height || width > available_width) {
    throw ShapeError(fmt::format("{}: {} × {} pixels cannot be cut out of {} with {} × {}", transform, height, width,
                                 field.name, available_height, available_width));
  }
  return {field.name, {height, width, field.shape[2]}, 0};
}

template <class Component>
void declare_size(Declaration<Component>& d) {
  d.parameter("size", &Component::size, "height and width afterwards, or one number for both")
      .main()
      .required()
      .min(1)
      .max(longest_side);
}

// The pixel that stands for the one at `at` of `extent`, which may lie outside.
int64_t mirrored(int64_t at, int64_t extent) {
  if (at < 0) at = -at;
  return at < extent ? at : 2 * (extent - 1) - at;
}

}  // namespace

// ── center_crop ────────────────────────────────────────────────────────────────────────────────────────────────────
std::string CenterCrop::conflict() const { return size_conflict(size); }

Field CenterCrop::changed(const Field& field) const { return cropped("center_crop", field, size, {0, 0, 0, 0}); }

void CenterCrop::change(const Field& field, std::span<const float> in, float* out, RandomStream*) const {
  const auto window = height_and_width(size);
  copy_window(field.shape, in, (field.shape[0] - window[0]) / 2, (field.shape[1] - window[1]) / 2, window, 0, out);
}

void CenterCrop::declare(Declaration<CenterCrop>& d) {
  d.help("the middle of images");
  declare_size(d);
  declare_fields(d);
}

// ── random_crop ────────────────────────────────────────────────────────────────────────────────────────────────────
std::string RandomCrop::conflict() const {
  const std::string wrong = size_conflict(size);
  return wrong.empty() ? padding_conflict(padding) : wrong;
}

Field RandomCrop::changed(const Field& field) const { return cropped("random_crop", field, size, four_sides(padding)); }

void RandomCrop::change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const {
  const auto window = height_and_width(size);
  const auto [top, bottom, left, right] = four_sides(padding);
  const auto place = [&](int64_t before, int64_t extent, int64_t after, int64_t taken) {
    const int64_t most = before + extent + after - taken;
    return (random != nullptr ? static_cast<int64_t>(random->below(static_cast<uint64_t>(most + 1))) : most / 2) -
           before;
  };
  const int64_t y = place(top, field.shape[0], bottom, window[0]);
  const int64_t x = place(left, field.shape[1], right, window[1]);
  copy_window(field.shape, in, y, x, window, static_cast<float>(value), out);
}

void RandomCrop::declare(Declaration<RandomCrop>& d) {
  d.help("a part of images, at a place drawn for each example");
  declare_size(d);
  d.parameter("padding", &RandomCrop::padding, "pixels put around before: one number, or top, bottom, left, right")
      .min(0)
      .max(longest_side);
  d.parameter("value", &RandomCrop::value, "of the pixels put around");
  declare_fields(d);
}

// ── pad ────────────────────────────────────────────────────────────────────────────────────────────────────────────
std::string Pad::conflict() const { return padding_conflict(padding); }

Field Pad::changed(const Field& field) const {
  check_image("pad", field);
  const auto [top, bottom, left, right] = four_sides(padding);
  if (mode == "reflect" && (std::max(top, bottom) >= field.shape[0] || std::max(left, right) >= field.shape[1])) {
    throw ShapeError(fmt::format("pad: {} {} has too few pixels to mirror {}", field.name, to_string(field.shape),
                                 std::max({top, bottom, left, right})));
  }
  return {field.name, {field.shape[0] + top + bottom, field.shape[1] + left + right, field.shape[2]}, 0};
}

void Pad::change(const Field& field, std::span<const float> in, float* out, RandomStream*) const {
  const auto [top, bottom, left, right] = four_sides(padding);
  const int64_t height = field.shape[0], width = field.shape[1], channels = field.shape[2];
  if (mode == "constant") {
    return copy_window(field.shape, in, -top, -left, {height + top + bottom, width + left + right},
                       static_cast<float>(value), out);
  }
  const bool reflect = mode == "reflect";
  for (int64_t y = -top; y < height + bottom; ++y) {
    const int64_t row = reflect ? mirrored(y, height) : std::clamp<int64_t>(y, 0, height - 1);
    for (int64_t x = -left; x < width + right; ++x, out += channels) {
      const int64_t column = reflect ? mirrored(x, width) : std::clamp<int64_t>(x, 0, width - 1);
      std::copy_n(in.data() + (row * width + column) * channels, channels, out);
    }
  }
}

void Pad::declare(Declaration<Pad>& d) {
  d.help("an edge around images");
  d.parameter("padding", &Pad::padding, "pixels: one number, or top, bottom, left, right")
      .main()
      .required()
      .min(0)
      .max(longest_side);
  d.parameter("mode", &Pad::mode, "what the edge shows: a value, the image mirrored, or its outermost pixels")
      .one_of({"constant", "reflect", "edge"});
  d.parameter("value", &Pad::value, "of the edge, when constant");
  declare_fields(d);
}

}  // namespace duel
