// The tree-structured Parzen estimator as a sampler of points (Bergstra et al., 2011; see parzen.hpp). It follows
// Optuna's TPESampler with its defaults and constant_liar. What differs: random numbers are counter-based, so that a
// suggestion depends on the seed, the number and the history alone; the prior of a categorical parameter follows its
// `probabilities`; normal distributions, which Optuna does not have, are estimated on the axis of their shares; a
// diverged trial counts as the worst, where Optuna leaves failed ones out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "search/space.hpp"

namespace duel {

// What is known of a trial when a new point is chosen.
struct Observation {
  int64_t number = 0;
  Point point;
  enum class State {
    complete,  // `value` is what it reached
    pruned,    // ended early: `value` is the last one seen, at `resource`
    running,   // taken for a bad one, so that workers that run together do not look at the same place
    diverged
  };
  State state = State::complete;
  double value = 0;  // smaller is better
  double resource = 0;
};

struct TpeOptions {
  int64_t startup_trials = 10;  // finished ones; before, points are random
  int64_t candidates = 24;      // drawn, the most promising taken
};

// How many of n finished trials count as good: min(⌈n / 10⌉, 25).
int64_t good_trials(int64_t finished);

// The observations parted into good ones and the others, each in the order of their numbers.
struct SplitObservations {
  std::vector<const Observation*> good, others;
};
SplitObservations split_observations(std::span<const Observation> history);

// Point number `number`, given all trials before it that have begun.
Point tpe_point(const SearchSpace& space, uint64_t seed, int64_t number, std::span<const Observation> history,
                const TpeOptions& options = {});

}  // namespace duel
