// Values that tell rows apart by their number, for looking at what a generator makes of each.
#pragma once

#include <optional>

#include "registry/value.hpp"

namespace duel {

// Class i mod `classes` in row i, of shape [batch]: each_class(10) as labels of a grid with ten columns.
class EachClassValue final : public ValueFunction {
 public:
  int64_t classes = 0;
  std::optional<int64_t> batch;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<EachClassValue>& d);
};

// Numbers in equal steps from `from` in the first row to `to` in the last, both included, of shape [batch, shape…]:
// [batch, 1] unless told otherwise, so that it multiplies and joins a latent [batch, n]. With `steps`, each so many
// rows go from one to the other. A single row has `from`.
class RampValue final : public ValueFunction {
 public:
  double from = 0;
  double to = 1;
  std::optional<int64_t> steps;
  Shape shape{1};
  std::optional<int64_t> batch;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<RampValue>& d);
};

// Row i is row i/n of x, rounded down: as many rows as x has, the first of them n times each. In a grid of n columns
// each line then has one latent.
class RepeatRowsValue final : public ValueFunction {
 public:
  Expression x;
  int64_t n = 0;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<RepeatRowsValue>& d);
};

}  // namespace duel
