// The metrics that a command asks for by `--metrics` and the overrides beside it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "spec/experiment.hpp"

namespace duel {

// METRIC.PARAMETER=VALUE → METRIC.
std::string metric_of_override(const std::string& text);

// `list`: names with commas between, where one of `own` keeps its parameters; empty: `own`. `overrides`:
// METRIC.PARAMETER=VALUE, on top, of metrics that are then there. Throws UserError(ExitCode::experiment) with every
// problem.
std::vector<MetricSpec> read_asked_metrics(const std::string& list, const std::vector<std::string>& overrides,
                                           std::span<const MetricSpec> own, const Registry& registry);

}  // namespace duel
