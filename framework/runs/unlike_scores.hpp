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

// Those of the metrics of which the chosen values of the runs have unlike protocols.
std::vector<UnlikeScores> unlike_scores(const std::vector<const RunEntry*>& runs, const std::vector<RunMetric>& metrics,
                                        Choice choice);

// "fid of b, c is not comparable with that of a: n_fake: 1000, 500", once for each kind of unlikeness.
std::string describe(const UnlikeScores& unlike, const std::string& separator);

}  // namespace duel
