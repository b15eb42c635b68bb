// Augmentations of what a discriminator sees, that a generator can be trained through.
#pragma once

#include <string>
#include <vector>

#include "plugins/values/random.hpp"

namespace duel {

// Zhao et al. 2020, Differentiable augmentation for data-efficient GAN training, with the ranges of the program that
// they published. Images [batch, height, width, channels], of values around 0; each row is drawn by itself, u uniform
// in [0, 1):
//   color        adds u − 1/2; then moves each pixel from the mean of its channels by the factor 2u; then the image
//   from
//                its mean by the factor u + 1/2
//   translation  moves by up to an eighth of the height and of the width, rounded to whole pixels, zeros behind
//   cutout       sets a rectangle of half the height and width to 0, somewhere; it may reach beyond the edges
// in the order of `policy`. Each is done to each row with that probability, which may be a number, a schedule, or a
// value: one number, or one a row. Derivatives go through to the images, none to the probability.
class DiffAugmentValue final : public RandomValue {
 public:
  DiffAugmentValue();

  Expression x;
  std::vector<std::string> policy{"color", "translation", "cutout"};
  Expression probability;

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<DiffAugmentValue>& d);

 private:
  // [batch, 1, 1, 1] in [0, 1).
  Tensor draw(ValueContext& context, const std::string& name, const Tensor& images) const;
  Tensor colored(ValueContext& context, const Tensor& images) const;
  Tensor translated(ValueContext& context, const Tensor& images) const;
  Tensor cut(ValueContext& context, const Tensor& images) const;
};

}  // namespace duel
