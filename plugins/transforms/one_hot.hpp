// Labels as vectors.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// A label of n classes becomes a vector of n numbers: 1 at the label, else 0.
class OneHotLabel final : public FieldwiseTransform {
 public:
  static void declare(Declaration<OneHotLabel>& d);

 protected:
  bool by_default(const Field& field) const override { return field.classes > 0; }
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
