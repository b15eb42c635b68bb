#include "plugins/layers/padding.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace duel {

std::array<int64_t, 2> Padding::along(int axis, int64_t extent, int64_t kernel, int64_t stride,
                                      int64_t dilation) const {
  if (kind == Kind::same) return same_padding(extent, kernel, stride, dilation);
  const auto first = static_cast<std::size_t>(2 * axis);
  return {sides[first], sides[first + 1]};
}

std::string ParameterType<Padding>::name() { return "same, valid, a number or [top, bottom, left, right]"; }

bool ParameterType<Padding>::read(Padding& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info) {
  if (node.is_scalar() && (node.text == "same" || node.text == "valid")) {
    out = {.kind = node.text == "same" ? Padding::Kind::same : Padding::Kind::valid, .sides = {}};
    return true;
  }
  const bool is_word = node.is_scalar() && !node.text.empty() && std::isalpha(static_cast<unsigned char>(node.text[0]));
  if (is_word || !(node.is_scalar() || node.is_sequence())) {
    context.problem(node, fmt::format("expected {}, found {}", name(), describe(node)));
    return false;
  }
  std::vector<int64_t> numbers;
  if (!ParameterType<std::vector<int64_t>>::read(numbers, node, context, info)) return false;
  const auto sides = sides_of(numbers);
  if (!sides) {
    context.problem(node, fmt::format("padding has {} numbers", numbers.size()),
                    "one for all sides, [height, width], or [top, bottom, left, right]");
    return false;
  }
  out = {.kind = Padding::Kind::given, .sides = *sides};
  return true;
}

std::string ParameterType<Padding>::print(const Padding& value) {
  if (value.kind == Padding::Kind::same) return "same";
  if (value.kind == Padding::Kind::valid) return "valid";
  return fmt::format("[{}]", fmt::join(value.sides, ", "));
}

nlohmann::json ParameterType<Padding>::schema(const ParameterInfo&) {
  const nlohmann::json side{{"type", "integer"}, {"minimum", 0}};
  return {{"anyOf", nlohmann::json::array({{{"enum", {"same", "valid"}}},
                                           side,
                                           {{"type", "array"}, {"items", side}, {"minItems", 1}, {"maxItems", 4}}})}};
}

std::optional<std::array<int64_t, 4>> sides_of(const std::vector<int64_t>& values) {
  if (values.size() == 4) return std::array{values[0], values[1], values[2], values[3]};
  if (values.empty() || values.size() > 2) return std::nullopt;
  return std::array{values.front(), values.front(), values.back(), values.back()};
}

}  // namespace duel
