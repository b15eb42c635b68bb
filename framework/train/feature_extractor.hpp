// What a trained network makes of images: the features that metrics compare.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "evaluate/features.hpp"
#include "train/session.hpp"

namespace duel {

// What is known of an extractor before weights are read. A plain value but for what it keeps of experiments: `asking`
// must outlive it.
class FeatureCheck {
 public:
  // Throws what FeatureExtractor::open or own would throw, at `spec`: for a run, an experiment, a checkpoint, a
  // network, a layer or weights that are not there. `asking` is the experiment that speaks of the features, `range` its
  // images'.
  FeatureCheck(const FeatureSpec& spec, const Experiment& asking, const Registry& registry,
               std::array<double, 2> range);
  ~FeatureCheck();

  const Shape& shape() const;  // of one example's features
  // As FeatureExtractor::check_images, at `spec`.
  void check_images(const Shape& image) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// One thread uses it; it works on the threads of a pool. Results do not depend on their number.
class FeatureExtractor {
 public:
  // The network of a run (its weights at `spec.step`) or of an experiment file. Its experiment's `data.transform` is
  // done to the images before, with nothing drawn (Transform::apply): they are given as 0 … 255. `pool` must outlive
  // it. Throws UserError naming `spec.where` for what is not there.
  static std::unique_ptr<FeatureExtractor> open(const FeatureSpec& spec, const Registry& registry, ThreadPool& pool);
  // A network of the session's own experiment, at the present weights. 0 … 255 become range[0] … range[1] before.
  static std::unique_ptr<FeatureExtractor> own(Session& session, const FeatureSpec& spec, std::array<double, 2> range);
  ~FeatureExtractor();

  // Name, hash of the weights as they are now, and what is done to the images.
  FeatureOrigin origin() const;
  const Shape& shape() const;  // of one example's features

  // Checks that images of this shape fit, before any is computed. Grey images are repeated for a network of colours.
  // Throws UserError(ExitCode::experiment) with both shapes.
  void check_images(const Shape& image) const;
  // `images`: count × image bytes. Writes count × shape().elements() floats.
  void extract(std::span<const uint8_t> images, const Shape& image, float* out);
  // Of rows that are images of bytes, with their labels, place and split.
  FeatureMatrix features_of(const FeatureMatrix& images);

 private:
  struct Implementation;
  explicit FeatureExtractor(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace duel
