#include "search/space.hpp"

#include <algorithm>

namespace duel {
namespace {

constexpr int64_t largest_grid = 1'000'000'000;

// Number of points of the parameters that depend on this value of the parent (none: of those that depend on nothing).
std::optional<int64_t> branch_size(const SearchSpace& space, const std::optional<SearchParameter::Condition>& branch);

bool belongs(const SearchParameter& parameter, const std::optional<SearchParameter::Condition>& branch) {
  if (!parameter.condition || !branch) return !parameter.condition && !branch;
  return parameter.condition->parameter == branch->parameter && parameter.condition->value == branch->value;
}

// Number of points of one parameter with those that depend on it.
std::optional<int64_t> parameter_size(const SearchSpace& space, std::size_t index) {
  const auto count = space[index].distribution.count();
  if (!count || !space[index].distribution.is_categorical()) return count;
  int64_t size = 0;
  for (int64_t value = 0; value < *count; ++value) {
    const auto branch = branch_size(space, SearchParameter::Condition{index, static_cast<double>(value)});
    if (!branch || size + *branch > largest_grid) return std::nullopt;
    size += *branch;
  }
  return size;
}

std::optional<int64_t> branch_size(const SearchSpace& space, const std::optional<SearchParameter::Condition>& branch) {
  int64_t size = 1;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!belongs(space[i], branch)) continue;
    const auto factor = parameter_size(space, i);
    if (!factor || *factor > largest_grid / size) return std::nullopt;
    size *= *factor;
  }
  return size;
}

void set_branch(const SearchSpace& space, const std::optional<SearchParameter::Condition>& branch, int64_t index,
                Point& point);

// Sets the parameter, and those that depend on it, to number `index` of parameter_size().
void set_parameter(const SearchSpace& space, std::size_t which, int64_t index, Point& point) {
  const Distribution& distribution = space[which].distribution;
  if (!distribution.is_categorical()) {
    point[which] = distribution.at(index);
    return;
  }
  for (std::size_t value = 0; value < distribution.values.size(); ++value) {
    const SearchParameter::Condition branch{which, static_cast<double>(value)};
    const int64_t size = branch_size(space, branch).value();
    if (index < size) {
      point[which] = branch.value;
      return set_branch(space, branch, index, point);
    }
    index -= size;
  }
}

void set_branch(const SearchSpace& space, const std::optional<SearchParameter::Condition>& branch, int64_t index,
                Point& point) {
  for (std::size_t i = space.size(); i-- > 0;) {  // the last one changes fastest
    if (!belongs(space[i], branch)) continue;
    const int64_t size = parameter_size(space, i).value();
    set_parameter(space, i, index % size, point);
    index /= size;
  }
}

}  // namespace

bool is_active(const SearchParameter& parameter, const Point& point) {
  if (!parameter.condition) return true;
  return point.at(parameter.condition->parameter) == parameter.condition->value;
}

std::vector<std::string> overrides_of(const SearchSpace& space, const Point& point) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (point.at(i)) out.push_back(space[i].key + "=" + space[i].distribution.text(*point[i]));
  }
  return out;
}

std::optional<int64_t> grid_size(const SearchSpace& space) { return branch_size(space, std::nullopt); }

Point grid_point(const SearchSpace& space, int64_t index) {
  Point point(space.size());
  set_branch(space, std::nullopt, index, point);
  return point;
}

Point random_point(const SearchSpace& space, uint64_t seed, int64_t number) {
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!is_active(space[i], point)) continue;
    RandomStream stream(stream_key(seed, 0, "search/" + space[i].key), {.step = static_cast<uint64_t>(number)});
    point[i] = space[i].distribution.sample(stream);
  }
  return point;
}

}  // namespace duel
