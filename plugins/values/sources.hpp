// Noise to start from.
#pragma once

#include "plugins/values/random.hpp"

namespace duel {

// Independent normal numbers: normal(100), normal([28, 28, 1], deviation=0.1).
class NormalSource final : public RandomSourceValue {
 public:
  Shape shape;  // without the batch
  double mean = 0;
  double deviation = 1;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<NormalSource>& d);
};

// Independent numbers, uniform in [low, high): uniform(100, low=-1, high=1).
class UniformSource final : public RandomSourceValue {
 public:
  Shape shape;  // without the batch
  double low = 0;
  double high = 1;

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<UniformSource>& d);
};

}  // namespace duel
