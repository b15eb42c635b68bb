// Scores that were made in unlike ways: to be told, and never to be ranked in silence.
#pragma once

#include <string>
#include <vector>

#include "runs/run_metrics.hpp"

namespace duel {

struct UnlikeScores {
  std::string metric;     // its name as it is shown
  std::string reference;  // the first run that has it
  struct Others {
    std::vector<std::string> runs;
    std::vector<std::string> differences;  // from the reference: "n_fake: 1000, 500"
  };
  std::vector<Others> others;
};

// What one run has of a metric, and how it was made.
struct RecordOfRun {
  std::string run;  // as it is to be called
  EvaluationRecord record;
};

// Nothing where all were made alike. `metric` is its name as it is shown.
std::optional<UnlikeScores> unlike_scores(const std::string& metric, std::span<const RecordOfRun> records);

// Those of the metrics of which the chosen values of the runs have unlike protocols.
std::vector<UnlikeScores> unlike_scores(const std::vector<const RunEntry*>& runs, const std::vector<RunMetric>& metrics,
                                        Choice choice);

// "fid of b, c is not comparable with that of a: n_fake: 1000, 500", for each kind of unlikeness.
std::vector<std::string> descriptions(const UnlikeScores& unlike);
// The same, joined.
std::string describe(const UnlikeScores& unlike, const std::string& separator);

}  // namespace duel
