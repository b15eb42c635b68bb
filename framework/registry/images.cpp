#include "registry/images.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "graph/op.hpp"

namespace duel {

void require_image(std::string_view name, const Tensor& input) {
  if (input.rank() == 4) return;
  const std::string found = input.rank() == 0 ? "a scalar" : to_string(input.shape().without_first());
  throw ShapeError(fmt::format("{}: takes images [height, width, channels], not {}", name, found));
}

Extent2 both_axes(const std::vector<int64_t>& values) {
  DUEL_CHECK(values.size() == 1 || values.size() == 2, "{} values for two axes", values.size());
  return {values.front(), values.back()};
}

std::string not_one_or_two(const std::string& name, const std::vector<int64_t>& values) {
  if (values.size() == 1 || values.size() == 2) return "";
  return fmt::format("{} takes one number or [height, width], not {} numbers", name, values.size());
}

}  // namespace duel
