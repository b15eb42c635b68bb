// A sweep as text: its trials as a table, the best one, what is left.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sweep/sweep.hpp"

namespace duel {

// Names of parameters without what they share: the last parts of each dotted path that tell it from the others.
std::vector<std::string> short_names(const SearchSpace& space);

// "lr 0.0002  batch 64", of a point of the sweep.
std::string point_text(const SearchSpace& space, const Point& point);

// "17 of 40 trials: 2 running, 12 complete, 3 pruned; best: trial 4, fid 12.5 ± 0.3".
std::string summary_line(const Sweep& sweep);

// How far runs are that are trained now, as their files say.
struct RunProgress {
  int64_t step = 0;
  std::optional<int64_t> total_steps;
  double seconds = 0;
  std::optional<double> value;  // of the sweep's metric
};
using SweepProgress = std::map<RunPlace, RunProgress>;

// A line a trial: those that run, then the best ones, then the others, at most so many.
std::string trials_table(const Sweep& sweep, std::size_t most_rows, const SweepProgress& progress = {});

// `duel compare` of its runs, with the options that show them as the sweep sees them.
std::string comparing_command(const Sweep& sweep);

// What the sweep has found and what to do with it.
std::string closing_text(const Sweep& sweep);

}  // namespace duel
