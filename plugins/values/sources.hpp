// Noise to start from.
#pragma once

#include <memory>

#include "plugins/values/random.hpp"

namespace duel {

// Independent normal numbers: normal(100), normal([28, 28, 1], deviation=0.1). What they are scaled and moved by may
// follow schedules, here as below. With `truncation` none is further from the mean than so many deviations: those are
// normal numbers on that condition, by the inverse of their distribution (plugins/values/truncated.hpp).
class NormalSource final : public RandomSourceValue {
 public:
  Shape shape;  // without the batch
  std::shared_ptr<const Schedule> mean = constant_schedule(0);
  std::shared_ptr<const Schedule> deviation = constant_schedule(1);
  std::shared_ptr<const Schedule> truncation;  // null: none

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<NormalSource>& d);

 private:
  Tensor standard(ValueContext& context) const;  // of mean 0 and deviation 1, before truncation
};

// Independent numbers, uniform in [low, high): uniform(100, low=-1, high=1).
class UniformSource final : public RandomSourceValue {
 public:
  Shape shape;  // without the batch
  std::shared_ptr<const Schedule> low = constant_schedule(0);
  std::shared_ptr<const Schedule> high = constant_schedule(1);

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<UniformSource>& d);
};

}  // namespace duel
