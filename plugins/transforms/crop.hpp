// Parts of images, and images with an edge around them.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// The middle of an image; where a number of pixels is left over that is odd, one more is cut off below and on the
// right.
class CenterCrop final : public FieldwiseTransform {
 public:
  std::vector<int64_t> size;

  std::string conflict() const;
  static void declare(Declaration<CenterCrop>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

// A part at a place drawn for each example, of the image with `padding` of `value` around it; each place is as likely.
class RandomCrop final : public FieldwiseTransform {
 public:
  std::vector<int64_t> size;
  std::vector<int64_t> padding{0};
  double value = 0;

  std::string conflict() const;
  static void declare(Declaration<RandomCrop>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

// An edge around the image: of one value, of the pixels mirrored (without the outermost), or of the outermost repeated.
class Pad final : public FieldwiseTransform {
 public:
  std::vector<int64_t> padding;
  std::string mode = "constant";
  double value = 0;

  std::string conflict() const;
  static void declare(Declaration<Pad>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
