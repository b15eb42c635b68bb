#include "train/problems.hpp"

namespace duel {

void rethrow_at(const Position& where, const std::string& path, const UserError& error) {
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    const std::string place = to_string(problem.where);
    if (!place.empty()) problem.what = fmt::format("{}: {}", place, problem.what);
    problem.where = where;
    problem.path = path;
  }
  throw UserError(error.code(), std::move(problems));
}

}  // namespace duel
