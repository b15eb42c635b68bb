// Values put together, taken apart or given another shape. None of them computes anything.
#pragma once

#include <vector>

#include "registry/value.hpp"

namespace duel {

// concat(a, b, …, axis=-1)
class ConcatValue final : public ValueFunction {
 public:
  std::vector<Expression> parts;
  int64_t axis = -1;  // 0 is the batch

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<ConcatValue>& d);
};

// reshape(x, [7, 7, 256]): the batch stays.
class ReshapeValue final : public ValueFunction {
 public:
  Expression x;
  Shape shape;  // without the batch

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<ReshapeValue>& d);
};

// pack(x, m): of the rows of a batch each m side by side in the last axis, [B, …, C] → [B/m, …, C·m]; one number a row
// becomes m numbers (PacGAN, Lin et al. 2018, section 3). Row j has the rows j·m … j·m + m−1. A batch that m does not
// divide is a ShapeError.
class PackValue final : public ValueFunction {
 public:
  Expression x;
  int64_t m = 0;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<PackValue>& d);
};

// one_hot(label, 10): [batch] or [batch, 1] class indices as [batch, classes] rows of one 1 and else 0. An index that
// is no class gives a row of 0.
class OneHotValue final : public ValueFunction {
 public:
  Expression x;
  int64_t classes = 0;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<OneHotValue>& d);
};

// select(condition, a, b): elementwise a where the condition is not 0, else b.
class SelectValue final : public ValueFunction {
 public:
  Expression condition;
  Expression a;
  Expression b;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<SelectValue>& d);
};

}  // namespace duel
