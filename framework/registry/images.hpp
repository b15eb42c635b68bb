// What components that take images share. Images are [batch, height, width, channels].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/ops.hpp"

namespace duel {

// Throws ShapeError, in the name of a layer or function, unless `input` is a batch of images.
void require_image(std::string_view name, const Tensor& input);

// One value for both axes or [height, width], as parameters such as `factor`, `kernel` and `stride` are written.
Extent2 both_axes(const std::vector<int64_t>& values);
// What is wrong with such a parameter, or "".
std::string not_one_or_two(const std::string& name, const std::vector<int64_t>& values);

}  // namespace duel
