// Two data sets of which nothing belongs together, for translation without pairs.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// Examples of two data sets side by side, each drawn anew and independently of the other, with equal probability. The
// first field of a side has the side's name, `a` or `b`, all others that name before their own: a_label. Such data has
// no end, whatever the two have: trainings are told in steps. Unless both have none, the same examples come again, and
// no part can be held out: data.test is a data set of its own. Throws UserError(ExitCode::data) as the two data sets
// do.
class UnpairedSource final : public DatasetSource {
 public:
  std::shared_ptr<const DatasetSource> a;
  std::shared_ptr<const DatasetSource> b;

  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  bool has_separate_files() const override { return a->has_separate_files() || b->has_separate_files(); }
  std::optional<std::vector<Field>> known_fields() const override;
  static void declare(Declaration<UnpairedSource>& d);
};

}  // namespace duel
