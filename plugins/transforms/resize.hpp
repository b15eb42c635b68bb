// Images at another size.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// Antialiased, in floats (data/resample.hpp): bicubic may overshoot the range of what it is given by a little, and is
// not clipped. The ratio of height and width may change.
class Resize final : public FieldwiseTransform {
 public:
  std::vector<int64_t> size;
  std::string filter = "bicubic";

  std::string conflict() const;
  static void declare(Declaration<Resize>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
