#include "plugins/metrics/laplacian_pyramid.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace duel {
namespace {

constexpr int64_t smallest_level_side = 16;
constexpr std::array smaller_filter{1.0 / 16, 4.0 / 16, 6.0 / 16, 4.0 / 16, 1.0 / 16};
constexpr std::array larger_filter{2.0 / 16, 8.0 / 16, 12.0 / 16, 8.0 / 16, 2.0 / 16};  // every other pixel is 0

std::vector<float> applied(const ImageResampler& resampler, const std::vector<float>& in, const Shape& shape) {
  std::vector<float> out(static_cast<std::size_t>(shape.elements())), scratch;
  resampler.apply(in.data(), out.data(), scratch);
  return out;
}

}  // namespace

LaplacianPyramid::Step LaplacianPyramid::step_from(const Shape& shape, const Shape& half) {
  const auto resampler = [&](auto taps) { return ImageResampler(taps(shape[0]), taps(shape[1]), shape[2]); };
  DUEL_CHECK(half[0] == (shape[0] + 1) / 2 && half[1] == (shape[1] + 1) / 2, "{} is not half of {}", to_string(half),
             to_string(shape));
  return {resampler([](int64_t side) { return filter_taps(side, smaller_filter, 2, Border::reflect); }),
          resampler([](int64_t side) { return transposed(strided_taps(side, 2)); }),
          resampler([](int64_t side) { return filter_taps(side, larger_filter, 1, Border::reflect); })};
}

LaplacianPyramid::LaplacianPyramid(const Shape& image) : shapes_{image} {
  DUEL_CHECK(image.rank() == 3 && std::min(image[0], image[1]) >= 3, "a pyramid of {}", to_string(image));
  for (;;) {
    const Shape shape = shapes_.back();
    const Shape half{(shape[0] + 1) / 2, (shape[1] + 1) / 2, shape[2]};
    if (std::min(half[0], half[1]) < smallest_level_side) return;
    steps_.push_back(step_from(shape, half));
    shapes_.push_back(half);
  }
}

int64_t LaplacianPyramid::shorter_side(int64_t level) const { return std::min(shape(level)[0], shape(level)[1]); }

std::vector<float> LaplacianPyramid::level(std::vector<float> image, int64_t level) const {
  DUEL_CHECK(level >= 0 && level < levels(), "level {} of {}", level, levels());
  DUEL_CHECK(static_cast<int64_t>(image.size()) == shape(0).elements(), "{} pixels of {}", image.size(),
             to_string(shape(0)));
  for (int64_t i = 0; i < level; ++i) {
    image = applied(steps_[static_cast<std::size_t>(i)].smaller, image, shape(i + 1));
  }
  if (level + 1 == levels()) return image;
  const Step& step = steps_[static_cast<std::size_t>(level)];
  const std::vector<float> spread = applied(step.spread, applied(step.smaller, image, shape(level + 1)), shape(level));
  const std::vector<float> blurred = applied(step.smooth, spread, shape(level));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] -= blurred[i];
  return image;
}

}  // namespace duel
