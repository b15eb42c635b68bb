// Linear maps of values.
#pragma once

#include "plugins/transforms/fieldwise.hpp"

namespace duel {

// Maps the range `from` (of images 0 … 255 unless given) to the range `to`. Other fields than images need `from`.
class Rescale final : public FieldwiseTransform {
 public:
  std::vector<double> to{-1, 1};
  std::vector<double> from;

  std::string conflict() const;
  static void declare(Declaration<Rescale>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

// (x − mean) / deviation, with one number for all or one for each element of the last axis (channels, coordinates).
class Standardize final : public FieldwiseTransform {
 public:
  std::vector<double> mean;
  std::vector<double> deviation;

  static void declare(Declaration<Standardize>& d);

 protected:
  Field changed(const Field& field) const override;
  void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const override;
};

}  // namespace duel
