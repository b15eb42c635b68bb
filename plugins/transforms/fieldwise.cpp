#include "plugins/transforms/fieldwise.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "graph/op.hpp"

namespace duel {

bool FieldwiseTransform::chosen(const Field& field) const {
  if (only.empty()) return by_default(field);
  return std::ranges::find(only, field.name) != only.end();
}

std::vector<Field> FieldwiseTransform::fields(const std::vector<Field>& before) const {
  std::vector<std::string> names;
  names.reserve(before.size());
  for (const Field& field : before) names.push_back(field.name);
  for (const std::string& name : only) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string hint = suggestion(name, names);
    throw ShapeError(fmt::format("the data has no field '{}'{}{}", name, hint.empty() ? "" : "; ", hint));
  }
  std::vector<Field> after;
  after.reserve(before.size());
  for (const Field& field : before) after.push_back(chosen(field) ? changed(field) : field);
  return after;
}

void FieldwiseTransform::apply(const std::vector<Field>& before, std::span<const float* const> in,
                               std::span<float* const> out, RandomStream* random) const {
  for (std::size_t f = 0; f < before.size(); ++f) {
    const std::span values(in[f], static_cast<std::size_t>(before[f].shape.elements()));
    if (chosen(before[f])) {
      std::optional<RandomStream> same;
      if (random != nullptr) same = *random;
      change(before[f], values, out[f], same ? &*same : nullptr);
    } else {
      std::ranges::copy(values, out[f]);
    }
  }
}

void check_image(const char* transform, const Field& field) {
  if (field.shape.rank() == 3) return;
  throw ShapeError(fmt::format("{}: {} {} is no image", transform, field.name, to_string(field.shape)));
}

std::array<int64_t, 2> height_and_width(const std::vector<int64_t>& size) { return {size.front(), size.back()}; }

std::array<int64_t, 4> four_sides(const std::vector<int64_t>& padding) {
  if (padding.size() == 4) return {padding[0], padding[1], padding[2], padding[3]};
  return {padding[0], padding[0], padding[0], padding[0]};
}

}  // namespace duel
