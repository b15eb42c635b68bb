// Errors turned into problems of an experiment.
#pragma once

#include "base/error.hpp"

namespace duel {

// The error again at another place, which the user can mend; the place that it had stands in the text.
[[noreturn]] void rethrow_at(const Position& where, const std::string& path, const UserError& error);

// Runs `work` and collects what is wrong with experiments; other errors (damaged files) pass.
template <class Work>
void collect(Problems& problems, Work&& work) {
  try {
    work();
  } catch (const UserError& error) {
    if (error.code() != ExitCode::experiment) throw;
    for (const Problem& problem : error.problems()) problems.add(problem);
  }
}

}  // namespace duel
