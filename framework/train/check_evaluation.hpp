// What is wrong with an evaluation, as far as it can be known before anything is computed. For framework/train's own
// sources.
#pragma once

#include "train/session.hpp"
#include "train/side_values.hpp"

namespace duel {

// What the metrics of an entry need of its sides.
struct NeedsOfSides {
  SideValues::Needs real, fake;
};
NeedsOfSides needs_of_sides(const EvaluationSpec& spec);

// Whether a check opens the runs and experiments whose networks make features for evaluations. An experiment can be
// looked at without them.
enum class FeatureSources { left_alone, opened };

// Adds a problem for reals or labels that a metric of the entry needs and the entry does not give.
void check_sides(const EvaluationSpec& spec, Problems& problems);

// Adds a problem, at the metric or the entry, for whatever the evaluation would refuse that shapes and numbers of
// examples tell: widths, kinds of features, too few examples, more than the data has; and for features that are not
// there. The experiment, and `spec`'s expressions in it, have been checked. `data` may lack data sets: their sizes are
// then left alone.
void check_evaluation(const Experiment& experiment, const EvaluationSpec& spec, const OpenedData& data,
                      const Registry& registry, FeatureSources sources, Problems& problems);

}  // namespace duel
