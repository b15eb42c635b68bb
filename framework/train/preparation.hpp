// What `data.transform` makes of images that do not come from the experiment's own data. For framework/train's own
// sources.
#pragma once

#include <span>
#include <vector>

#include "data/dataset.hpp"
#include "model/step.hpp"

namespace duel {

// The transforms of an experiment done to lone images. Beside the image stands a label, which transforms of labels
// take. Nothing is drawn (Transform::apply). Thread-safe.
class Preparation {
 public:
  using Transforms = std::vector<std::shared_ptr<const Transform>>;

  // Throws ShapeError for images that the transforms cannot take.
  Preparation(Transforms transforms, const Shape& image);

  const Shape& image() const { return stages_.front().front().shape; }
  const Shape& shape() const { return stages_.back().front().shape; }  // of a prepared image
  // `image` has the elements of the shape that was given, 0 … 255; writes shape().elements() floats.
  void apply(std::vector<float> image, float* out) const;

 private:
  Transforms transforms_;
  std::vector<std::vector<Field>> stages_;  // before each transform, and after the last
};

// Of an experiment that is there for its networks alone, adds a problem where none of them takes what the transforms
// make. `fields` are those of its data after the transforms; without any, of images whatever their size.
void check_preparation(const Experiment& experiment, std::span<const DataField> fields, Problems& problems);

}  // namespace duel
