// A part of another data set.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// The examples of some classes of another data set, in its order and with its fields: labels keep their numbers. All
// labels are read when it is opened. Throws UserError(ExitCode::data) where the other one has no labels or no end, and
// for a class of which there is no example.
class OnlySource final : public DatasetSource {
 public:
  std::shared_ptr<const DatasetSource> of;
  std::vector<int64_t> classes;  // kept; or
  std::vector<int64_t> except;   // left out

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  bool has_separate_files() const override { return of->has_separate_files(); }
  std::optional<std::vector<Field>> known_fields() const override { return of->known_fields(); }
  static void declare(Declaration<OnlySource>& d);
};

}  // namespace duel
