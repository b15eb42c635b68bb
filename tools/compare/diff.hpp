// Two experiments side by side: what is set to other values, and where.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "registry/registry.hpp"
#include "runs/run_entry.hpp"

namespace duel {

struct ExperimentSide {
  std::string name;  // the file or folder, as given
  std::vector<RunParameter> parameters;
};

// A run folder or an experiment file; paths in it are made absolute, as a run keeps them. Throws UserError for what is
// neither, for a file that cannot be read, and ExitCode::data for a damaged run.
ExperimentSide experiment_side(const std::string& path, const Registry& registry);

struct ParameterDifference {
  std::string key;
  std::optional<RunParameter> a, b;  // nothing where that side does not set it
};

// In the order of a, what only b has at the end.
std::vector<ParameterDifference> experiment_diff(const ExperimentSide& a, const ExperimentSide& b);

std::string to_text(const std::vector<ParameterDifference>& diff, const ExperimentSide& a, const ExperimentSide& b);
// A list of {key, a: {value, origin}, b: {value, origin}}; null for a side that does not set it.
nlohmann::json to_json(const std::vector<ParameterDifference>& diff);

}  // namespace duel
