// Many elements folded into one.
#pragma once

#include <vector>

#include "registry/rows.hpp"

namespace duel {

// Over all elements, the batch included, unless `axes` names some; axis 0 is the batch.
class FoldValue : public ValueFunction {
 public:
  Expression x;
  std::vector<int64_t> axes;
  bool keep = false;  // leave extents of 1, so that the result broadcasts against x

 protected:
  template <class Component>
  static void declare_fold(Declaration<Component>& d) {
    d.parameter("x", &Component::x, "the value").required();
    d.parameter("axes", &Component::axes, "over which axes; 0 is the batch; when not given, all").min(-8).max(7);
    d.parameter("keep", &Component::keep, "leave extents of 1 in the place of these axes");
  }
};

class MeanValue final : public FoldValue {
 public:
  Tensor build(ValueContext& context) const override { return mean(context.evaluate(x), axes, keep); }
  static void declare(Declaration<MeanValue>& d) {
    d.help("the mean of all elements, or along axes");
    declare_fold(d);
  }
};

class SumValue final : public FoldValue {
 public:
  Tensor build(ValueContext& context) const override { return sum(context.evaluate(x), axes, keep); }
  static void declare(Declaration<SumValue>& d) {
    d.help("the sum of all elements, or along axes");
    declare_fold(d);
  }
};

// The Euclidean length of each row, of shape [batch]: √(Σx² + epsilon). epsilon keeps the derivative finite at 0.
class NormValue final : public ValueFunction {
 public:
  Expression x;
  double epsilon = norm_epsilon;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<NormValue>& d);
};

}  // namespace duel
