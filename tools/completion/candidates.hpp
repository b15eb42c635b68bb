// What a word of the command line may become. A candidate that ends in '/', '.' or '=' is to be gone on with; others
// are whole. Nothing here throws: where there is nothing to say, there are no candidates.
#pragma once

#include <string>
#include <vector>

#include "registry/registry.hpp"

namespace duel {

// Those of `words` that begin with `start`, in order, each once.
std::vector<std::string> beginning_with(const std::string& start, const std::vector<std::string>& words);

// Files with one of the suffixes, and folders.
std::vector<std::string> complete_files(const std::string& start, const std::vector<std::string>& suffixes);
// Run folders, as whole words, and other folders.
std::vector<std::string> complete_runs(const std::string& start);
// Keys of the experiment in a file or run folder, one part further: players.g → players.generator. … lr=
// After ~ (a deletion) likewise, without '='.
std::vector<std::string> complete_overrides(const std::string& start, const std::string& experiment);
// METRIC.PARAMETER=
std::vector<std::string> complete_metric_parameters(const std::string& start, const Registry& registry);
// The last of names with commas between.
std::vector<std::string> complete_list(const std::string& start, const std::vector<std::string>& names);

}  // namespace duel
