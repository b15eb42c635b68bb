// Shares of samples, as several metrics report them.
#pragma once

#include "evaluate/record.hpp"

namespace duel {

// A record named `metric` whose value is count/of, with the binomial standard error √(p(1 − p)/of): 0 where the share
// is 0 or 1. `of` is positive.
EvaluationRecord share_record(const std::string& metric, int64_t count, int64_t of);

}  // namespace duel
