// Scores that were made in unlike ways: said below a table, never ranked in silence.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/columns.hpp"

namespace duel {

struct UnlikeScores {
  std::string metric;     // as it is headed
  std::string reference;  // the first run that has it
  struct Others {
    std::vector<std::string> runs;
    std::vector<std::string> differences;  // from the reference: "n_fake: 1000, 500"
  };
  std::vector<Others> others;
};

// Of the columns' metrics, those of which the chosen values of the runs have unlike protocols.
std::vector<UnlikeScores> unlike_scores(const std::vector<const RunEntry*>& runs,
                                        const std::vector<CompareColumn>& columns, Choice choice);

// "fid of b, c is not comparable with that of a: n_fake: 1000, 500", a line for each kind of unlikeness, each ended.
std::string describe(const UnlikeScores& unlike);

}  // namespace duel
