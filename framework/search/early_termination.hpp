// Ending trials early that do not look promising.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace duel {

// What a trial has shown so far: the metric (smaller is better, infinity for what is no number) by the amount of
// training, in units of the resource.
using LearningCurve = std::map<double, double>;

struct EarlyTermination {
  // Hyperband: Li et al., JMLR 18 (2018), with brackets filled without waiting, as in Li et al., "A system for
  // massively parallel hyperparameter tuning" (ASHA), MLSys 2020. A bracket has rungs at min·eta^k; at a rung goes on
  // who is among the best 1/eta of those of the bracket that have reached it (at least the best one). Trials are dealt
  // to brackets in proportion to the trials that each is meant to begin with. Median: Golovin et al., "Google Vizier",
  // KDD 2017: a trial ends whose best so far is worse than the median of what the others had at the same place.
  enum class Type { hyperband, median };
  Type type = Type::hyperband;
  enum class Resource { evaluation, step, epoch };
  Resource resource = Resource::evaluation;
  double min = 1;            // hyperband: the first rung; median: where comparing begins
  double max = 1;            // hyperband: of the whole training
  double eta = 3;            // hyperband
  int64_t brackets = 1;      // hyperband
  int64_t least_trials = 5;  // median: finished or not, that have come as far
  double interval = 1;       // median: compared at min, min + interval, …
};

// Brackets that fit between min and max: ⌊log_eta(max / min)⌋ + 1.
int64_t most_brackets(double min, double max, double eta);

// The bracket, 0 … brackets-1, that trial `number` belongs to.
int64_t bracket_of(const EarlyTermination& rule, int64_t number);

// The first place at or beyond which trial `number` is compared next, given how far it was compared already (0: not
// yet); none where it will not be compared any more.
std::optional<double> next_comparison(const EarlyTermination& rule, int64_t number, double done);

// Is a trial, whose curve has just reached `place`, to be ended? `others`: the curves of the other trials, running ones
// included, by number. Curves have values at places of comparison.
bool should_end(const EarlyTermination& rule, int64_t number, double place, const LearningCurve& curve,
                const std::map<int64_t, LearningCurve>& others);

}  // namespace duel
