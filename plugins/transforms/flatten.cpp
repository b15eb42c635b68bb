#include "plugins/transforms/flatten.hpp"

#include <algorithm>

namespace duel {

Field FlattenExample::changed(const Field& field) const {
  return {field.name, {field.shape.elements()}, field.classes};
}

void FlattenExample::change(const Field&, std::span<const float> in, float* out, RandomStream*) const {
  std::ranges::copy(in, out);
}

void FlattenExample::declare(Declaration<FlattenExample>& d) {
  d.help("gives fields one axis: an image becomes a vector");
  declare_fields(d);
}

}  // namespace duel
