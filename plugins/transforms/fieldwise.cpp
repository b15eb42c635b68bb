#include "plugins/transforms/fieldwise.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "graph/op.hpp"

namespace duel {

bool FieldwiseTransform::chosen(const Field& field) const {
  if (only.empty()) return field.classes == 0;
  return std::ranges::find(only, field.name) != only.end();
}

std::vector<Field> FieldwiseTransform::fields(const std::vector<Field>& before) const {
  std::vector<std::string> names;
  for (const Field& field : before) names.push_back(field.name);
  for (const std::string& name : only) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string hint = suggestion(name, names);
    throw ShapeError(fmt::format("the data has no field '{}'{}{}", name, hint.empty() ? "" : "; ", hint));
  }
  std::vector<Field> after;
  for (const Field& field : before) after.push_back(chosen(field) ? changed(field) : field);
  return after;
}

void FieldwiseTransform::apply(const std::vector<Field>& before, std::span<const float* const> in,
                               std::span<float* const> out, RandomStream&) const {
  for (std::size_t f = 0; f < before.size(); ++f) {
    const std::span values(in[f], static_cast<std::size_t>(before[f].shape.elements()));
    if (chosen(before[f])) {
      change(before[f], values, out[f]);
    } else {
      std::ranges::copy(values, out[f]);
    }
  }
}

}  // namespace duel
