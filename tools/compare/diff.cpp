#include "tools/compare/diff.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "spec/read.hpp"
#include "tools/compare/columns.hpp"
#include "tools/compare/table.hpp"
#include "tools/text_table.hpp"
#include "yaml/leaves.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t longest_value = 60;

std::vector<RunParameter> parameters_of_file(const std::string& file, const Registry& registry) {
  const Document document = load_document(file);
  std::map<std::string, std::string> origins;
  for (const YamlLeaf& leaf : leaves_of(document.root)) {
    origins[leaf.key] = to_string(Position{leaf.where.file, leaf.where.line, 0});
  }
  std::vector<RunParameter> parameters;
  for (YamlLeaf& leaf : leaves_of(parse_yaml(portable_text(document, registry), file))) {
    std::string origin = origins[leaf.key];
    parameters.push_back({std::move(leaf.key), std::move(leaf.value), std::move(origin)});
  }
  return parameters;
}

const RunParameter* parameter_named(const ExperimentSide& side, const std::string& key) {
  const auto found = std::ranges::find(side.parameters, key, &RunParameter::key);
  return found == side.parameters.end() ? nullptr : &*found;
}

std::vector<std::string> side_line(const ExperimentSide& side, const std::optional<RunParameter>& parameter) {
  if (!parameter) return {"  " + side.name, "not set", ""};
  return {"  " + side.name, shortened(parameter->value, longest_value), parameter->origin};
}

json side_json(const std::optional<RunParameter>& parameter) {
  if (!parameter) return {};
  return {{"value", json_value(parameter->value)},
          {"origin", parameter->origin.empty() ? json() : json(parameter->origin)}};
}

}  // namespace

ExperimentSide experiment_side(const std::string& path, const Registry& registry) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path, parameters_of_file(path, registry)};
  RunEntry run = read_run_entry(path);
  if (run.state == RunState::damaged) throw UserError(ExitCode::data, run.problem);
  return {path, std::move(run.parameters)};
}

std::vector<ParameterDifference> experiment_diff(const ExperimentSide& a, const ExperimentSide& b) {
  std::vector<ParameterDifference> diff;
  for (const RunParameter& one : a.parameters) {
    const RunParameter* other = parameter_named(b, one.key);
    if (other == nullptr) {
      diff.push_back({one.key, one, std::nullopt});
    } else if (!same_value(one.value, other->value)) {
      diff.push_back({one.key, one, *other});
    }
  }
  for (const RunParameter& other : b.parameters) {
    if (parameter_named(a, other.key) == nullptr) diff.push_back({other.key, std::nullopt, other});
  }
  return diff;
}

std::string to_text(const std::vector<ParameterDifference>& diff, const ExperimentSide& a, const ExperimentSide& b) {
  if (diff.empty()) return "the experiments do not differ\n";
  std::string text;
  for (const ParameterDifference& difference : diff) {
    text += difference.key + "\n" + text_table({side_line(a, difference.a), side_line(b, difference.b)});
  }
  return text;
}

json to_json(const std::vector<ParameterDifference>& diff) {
  json list = json::array();
  for (const ParameterDifference& difference : diff) {
    list.push_back({{"key", difference.key}, {"a", side_json(difference.a)}, {"b", side_json(difference.b)}});
  }
  return list;
}

}  // namespace duel
