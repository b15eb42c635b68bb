// Conditions on runs, as --where has them: lr<1e-3, state=complete, fid<=20, optimizer!=adam.
#pragma once

#include <string>

#include "tools/compare/columns.hpp"

namespace duel {

struct RunFilter {
  enum class Comparison { less, less_or_equal, greater, greater_or_equal, equal, not_equal };
  std::string text;  // as written
  CompareColumn column;
  Comparison comparison = Comparison::equal;
  std::string value;
};

// Throws UserError(ExitCode::experiment) for what is no condition, unknown names and states, and texts that cannot be
// compared by size.
RunFilter read_filter(const std::string& text, const CompareColumns& columns);

// Numbers are compared as numbers. A run that has nothing there passes `!=` alone.
bool passes(const RunFilter& filter, const CompareCell& cell);

}  // namespace duel
