// Groups of runs that agree in some columns, such as those that differ in their seed alone.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/table.hpp"

namespace duel {

inline constexpr const char* all_but_seed = "all-but-seed";

// The columns that --group-by names, with commas between; all_but_seed stands for all differing parameters but the
// seed. Throws UserError(ExitCode::experiment) for names that nothing has, and all that is neither a parameter nor the
// state nor the trial.
std::vector<CompareColumn> grouping_columns(const std::string& names, const CompareColumns& columns);

// A row a group, in the order of their first runs: what its runs share, how many they are, and of each metric the mean
// with its standard error (of two or more) over the runs that have it. Scores that were made in unlike ways have no
// mean unless `mix_protocols`.
CompareTable grouped(const CompareTable& table, const std::vector<CompareColumn>& by, const CompareColumns& columns,
                     bool mix_protocols);

}  // namespace duel
