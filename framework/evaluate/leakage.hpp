// Fakes that are reals: a generator that copies its data scores well.
#pragma once

#include "evaluate/features.hpp"

namespace duel {

// How many rows of `fake` equal a row of `real` in every number (of equal width, whatever the types; 0 is −0), by a
// hash of 64 bits: among a million rows a side, unlike ones are taken for equal once in 18 million times. Runs on the
// threads of the enclosing ThreadPool::run.
int64_t count_leaked(const FeatureMatrix& real, const FeatureMatrix& fake);

}  // namespace duel
