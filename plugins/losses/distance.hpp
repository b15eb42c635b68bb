// Distances between two values of one shape, element by element (pixel-wise for images), averaged over all elements.
#pragma once

#include "registry/value.hpp"

namespace duel {

class DistanceLoss : public Loss {
 public:
  Expression value;
  Expression target;  // a number, or of the value's shape

  Tensor build(ValueContext& context) const override;

 protected:
  virtual Tensor of_difference(const Tensor& difference) const = 0;  // elementwise

  template <class Component>
  static void declare_pair(Declaration<Component>& d) {
    d.parameter("value", &Component::value, "the value to be drawn towards 'target'").required();
    d.parameter("target", &Component::target, "a number, or a value of the same shape").required();
  }
};

// mean |value − target|
class L1 final : public DistanceLoss {
 public:
  static void declare(Declaration<L1>& d);

 protected:
  Tensor of_difference(const Tensor& difference) const override;
};

// mean (value − target)²
class L2 final : public DistanceLoss {
 public:
  static void declare(Declaration<L2>& d);

 protected:
  Tensor of_difference(const Tensor& difference) const override;
};

// ½d² where |d| ≤ delta, else delta·(|d| − ½delta) (Huber 1964, "Robust Estimation of a Location Parameter").
class Huber final : public DistanceLoss {
 public:
  double delta = 1;

  static void declare(Declaration<Huber>& d);

 protected:
  Tensor of_difference(const Tensor& difference) const override;
};

}  // namespace duel
