// Images mirrored.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

class FlipExample final : public FieldwiseTransform {
 public:
  std::string axis = "horizontal";  // horizontal: left and right change places; vertical: above and below
  double probability = 0.5;

  static void declare(Declaration<FlipExample>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
