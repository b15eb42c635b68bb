// Some of a data set's images on one picture.
#pragma once

#include "data/dataset.hpp"
#include "registry/sampler.hpp"

namespace duel {

// With labels a row a class, of at most 16 classes; else examples from all over the data set. Of a pair both sides.
// Throws UserError(ExitCode::experiment) for data without images.
Picture contact_sheet(const Dataset& dataset);

}  // namespace duel
