// The floor of a metric: its value between two disjoint sets of reals, which no generator can be expected to pass.
#pragma once

#include "evaluate/evaluate.hpp"
#include "evaluate/floor_cache.hpp"
#include "evaluate/side.hpp"

namespace duel {

// Gives each record of `metric`, whose records these are, the floor of its value. The reals are permuted by the seed;
// of them the first n are the reals and the next n the fakes, n = min(fakes, reals / 2). A metric that looks at the
// fakes alone gets the first n in their place. Where the metric refuses these sets, the records get a warning that says
// why. Does nothing for metrics whose floor says nothing (MetricNeeds::floor, pairs), and where the reals have no rows.
// `cache` may be null.
void add_floors(Side& real, const Side& fake, const NamedMetric& metric, uint64_t seed, const FloorCache* cache,
                std::span<EvaluationRecord> records);

}  // namespace duel
