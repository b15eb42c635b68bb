// What `--metrics` and the overrides beside it ask for, of the commands that score.
#pragma once

#include <string>
#include <vector>

#include "evaluate/evaluate.hpp"

namespace duel {

// `list`: names with commas between; `overrides`: METRIC.PARAMETER=VALUE, of metrics in the list. Throws
// UserError(ExitCode::experiment) with every problem.
std::vector<NamedMetric> read_metrics(const std::string& list, const std::vector<std::string>& overrides,
                                      const Registry& registry);

}  // namespace duel
