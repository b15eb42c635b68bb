// Rows of one number: the outputs of a discriminator, or scores of anomalies.
#pragma once

#include "evaluate/features.hpp"

namespace duel {

// The numbers in their order. Throws UserError(ExitCode::data) for rows of another width, naming the metric that takes
// one number a row.
std::vector<double> scalars_of(const FeatureMatrix& side, const std::string& metric);

}  // namespace duel
