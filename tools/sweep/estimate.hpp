// What a sweep will cost, before it begins.
#pragma once

#include <string>

#include "sweep/definition.hpp"

namespace duel {

// The plan as text: how many trials and trainings, the first points, and the time that they will take by some steps of
// the first point, timed now on as many threads as a worker will have. Writes no files.
std::string sweep_plan(const SweepDefinition& definition, const Registry& registry, int threads);

}  // namespace duel
