// A part of another data set.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// The examples of a range and of some classes of another data set, in its order and with its fields: labels keep their
// numbers. Where classes are named, all labels of the range are read when it is opened. Throws
// UserError(ExitCode::data) where the other one has no end, is shorter than the range, or has no labels where classes
// are named, and for a class of which the range has no example.
class OnlySource final : public DatasetSource {
 public:
  std::shared_ptr<const DatasetSource> of;
  std::vector<int64_t> classes;   // kept; or
  std::vector<int64_t> except;    // left out
  std::vector<int64_t> examples;  // the first of the range, and the one after its last; empty: all

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  bool has_separate_files() const override { return of->has_separate_files(); }
  std::optional<std::vector<Field>> known_fields() const override { return of->known_fields(); }
  static void declare(Declaration<OnlySource>& d);
};

}  // namespace duel
