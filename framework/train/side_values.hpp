// One side of an evaluation: an expression computed batch by batch, as features, images and labels. For
// framework/train's own sources.
#pragma once

#include <memory>
#include <vector>

#include "evaluate/evaluate.hpp"
#include "train/executables.hpp"
#include "train/feature_extractor.hpp"

namespace duel {

class SideValues {
 public:
  struct Needs {
    bool features = false;  // of the kind that the entry asks for
    bool images = false;
    bool labels = false;
  };
  struct Source {
    std::string name;  // "real", "fake": for messages and random streams
    const Expression* value = nullptr;
    const Expression* labels = nullptr;  // null: none are given
  };

  // `extractor` may be null unless the entry names a network.
  SideValues(Session& session, const EvaluationSpec& spec, const Source& source, const Needs& needs,
             FeatureExtractor* extractor);

  // Throws what compute() would at its first batch where these images do not fill the range that is said of them.
  void check_first_batch();
  // Calls `advance` with the number of examples of each batch that is done.
  SideData compute(const std::function<void(int64_t)>& advance);
  // Does it depend on nothing but the data? Then it need not be computed again.
  bool is_constant() const { return values_.is_constant(); }
  bool reads_test_data() const { return values_.reads(true); }

 private:
  struct Collected;
  void add_batch(Collected& out, int64_t rows);
  void add_images(Collected& out, std::span<const double> values);
  void add_labels(Collected& out, int64_t rows) const;
  void check_range(std::span<const double> values) const;
  std::string split() const;
  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const;

  Session& session_;
  const EvaluationSpec& spec_;
  Source source_;
  Needs needs_;
  FeatureExtractor* extractor_;
  int64_t rows_;  // of a batch
  ValueExecutable values_;
  bool as_images_ = false;                  // the values are made whole numbers 0 … 255
  bool as_values_ = false;                  // they are features as they are
  ElementType element_ = ElementType::f32;  // of the features
  Shape example_;
};

}  // namespace duel
