// One number a pair of examples, and their mean: what metrics of pairs have in common.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/metric.hpp"
#include "plugins/metrics/feature_map.hpp"

namespace duel {

// measure(real i, fake i) for every i, in that order. Both sides hold images or feature maps, as many; throws
// UserError(ExitCode::data) where their shapes differ. `measure` is called by several threads at once.
std::vector<double> values_of_pairs(
    const EvaluationInput& input, const std::function<double(const FeatureMap& real, const FeatureMap& fake)>& measure);

// A record of the mean. The uncertainty is its standard error, s/√n with the divisor n − 1 in s; a lone value has none.
// `values` must not be empty.
EvaluationRecord mean_record(const std::string& metric, std::span<const double> values);

}  // namespace duel
