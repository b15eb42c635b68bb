#include "plugins/transforms/one_hot.hpp"

#include <algorithm>

#include "graph/op.hpp"

namespace duel {

Field OneHotLabel::changed(const Field& field) const {
  if (field.classes == 0) {
    throw ShapeError(fmt::format("one_hot: {} {} is no label", field.name, to_string(field.shape)));
  }
  return {field.name, {field.classes}, 0};
}

void OneHotLabel::change(const Field& field, std::span<const float> in, float* out, RandomStream*) const {
  std::fill_n(out, field.classes, 0.0f);
  out[static_cast<int64_t>(in[0])] = 1;
}

void OneHotLabel::declare(Declaration<OneHotLabel>& d) {
  d.help("labels as vectors: 1 at the class, else 0");
  declare_fields(d, "all labels");
}

}  // namespace duel
