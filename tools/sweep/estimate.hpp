// What a sweep will cost, before it begins.
#pragma once

#include <string>

#include "sweep/state.hpp"

namespace duel {

// The plan as text: how many trials and trainings, how many of them `so_far` leaves, the first points of these, and the
// time that they will take by some steps, an evaluation and a picture of the first, timed now on as many threads as a
// worker will have. Writes no files.
std::string sweep_plan(const SweepDefinition& definition, const SweepState& so_far, const Registry& registry,
                       int threads);

}  // namespace duel
