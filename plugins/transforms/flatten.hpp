// Images as vectors.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// Gives a field one axis; the values stay in their order.
class FlattenExample final : public FieldwiseTransform {
 public:
  static void declare(Declaration<FlattenExample>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
