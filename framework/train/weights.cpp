#include "train/weights.hpp"

#include <algorithm>
#include <set>

#include "train/problems.hpp"
#include "train/weights_source.hpp"

namespace duel {
namespace {

constexpr std::size_t most_names_told = 5;

// The variables that one `weights:` shall start.
struct Group {
  std::shared_ptr<const WeightsSpec> weights;
  std::vector<const VariableStart*> starts;
};

std::vector<Group> groups_of(std::span<const VariableStart> starts, const VariableStore& variables) {
  std::vector<Group> groups;
  for (const VariableStart& start : starts) {
    if (start.weights == nullptr || variables.find(start.name) != nullptr) continue;
    auto group = std::ranges::find(groups, start.weights, &Group::weights);
    if (group == groups.end()) group = groups.insert(groups.end(), {start.weights, {}});
    group->starts.push_back(&start);
  }
  return groups;
}

// All files first, then all values: a mistake in the last weight leaves no variable half started.
LoadedWeights load_group(const Group& group, DType dtype, VariableStore& variables) {
  const auto source = open_weights(*group.weights);
  std::set<std::string> used;
  for (const VariableStart* start : group.starts) used.insert(source->name_of(*start));
  for (const VariableStart* start : group.starts) {
    const std::vector<double> values = source->read(*start);
    variables.declare({start->name, start->shape, dtype});
    variables.write(start->name, values);
  }
  LoadedWeights loaded{group.starts.front()->network, source->file(), std::ssize(used), {}};
  for (const std::string& name : source->names()) {
    if (!used.contains(name)) loaded.unused.push_back(name);
  }
  return loaded;
}

}  // namespace

std::string LoadedWeights::to_text() const {
  std::string text = fmt::format("the network {} starts from {} arrays of {}", network, used, file.string());
  if (unused.empty()) return text;
  const auto told = std::span(unused).first(std::min(unused.size(), most_names_told));
  return fmt::format("{}, which has {} more that it has no place for: {}{}", text, unused.size(), fmt::join(told, ", "),
                     unused.size() > told.size() ? ", …" : "");
}

std::vector<LoadedWeights> load_weights(std::span<const VariableStart> starts, DType dtype, VariableStore& variables) {
  std::vector<LoadedWeights> loaded;
  for (const Group& group : groups_of(starts, variables)) {
    try {
      loaded.push_back(load_group(group, dtype, variables));
    } catch (const UserError& error) {
      rethrow_at(group.weights->where, group.weights->path, error);
    }
  }
  return loaded;
}

}  // namespace duel
