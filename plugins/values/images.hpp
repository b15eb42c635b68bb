// Images given another size, sharpness or colour. All take and give [batch, height, width, channels].
#pragma once

#include "registry/image_filters.hpp"
#include "registry/value.hpp"

namespace duel {

// The layer of the same name, as a function: upsample(x, 2, method=bilinear).
template <class Filter>
class FilterValue final : public ValueFunction, public Filter {
 public:
  Expression x;

  Tensor build(ValueContext& context) const override { return Filter::apply(context.evaluate(x)); }
  static void declare(Declaration<FilterValue>& d) {
    d.help(Filter::help);
    d.reference(Filter::reference);
    d.parameter("x", &FilterValue::x, "the images").required();
    Filter::declare_filter(d, false);
  }
};

// One channel of three, 0.299·red + 0.587·green + 0.114·blue (ITU-R BT.601), as the transform of that name has it;
// images of one channel stay.
class GreyscaleValue final : public ValueFunction {
 public:
  Expression x;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<GreyscaleValue>& d);
};

// How steep each channel is at each pixel: √(g² + h² + epsilon) of Sobel's two differences, [1, 2, 1] across and
// [−1, 0, 1] along, not divided by anything; beyond the edges the last pixel goes on. epsilon keeps the derivative
// finite where an image is even.
class EdgesValue final : public ValueFunction {
 public:
  Expression x;
  double epsilon = 1e-12;

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<EdgesValue>& d);
};

}  // namespace duel
