#include "plan/order.hpp"

#include <algorithm>
#include <climits>

#include "base/error.hpp"
#include "plan/index.hpp"

namespace duel {
namespace {

using Lists = std::vector<std::vector<int>>;

Lists inverse(const Lists& before) {
  Lists after(before.size());
  for (std::size_t step = 0; step < before.size(); ++step) {
    for (const int earlier : before[step]) after[index(earlier)].push_back(static_cast<int>(step));
  }
  return after;
}

// Each step as soon as its predecessors allow; the order of visits is returned through `visited`.
std::vector<int> earliest_launches(const Lists& before, const Lists& after, std::vector<int>& visited) {
  std::vector<int> launches(before.size(), 0);
  std::vector<std::size_t> waiting;
  for (const auto& list : before) waiting.push_back(list.size());
  for (std::size_t step = 0; step < before.size(); ++step) {
    if (waiting[step] == 0) visited.push_back(static_cast<int>(step));
  }
  for (std::size_t i = 0; i < visited.size(); ++i) {
    const int step = visited[i];
    for (const int later : after[index(step)]) {
      launches[index(later)] = std::max(launches[index(later)], launches[index(step)] + 1);
      if (--waiting[index(later)] == 0) visited.push_back(later);
    }
  }
  DUEL_CHECK(visited.size() == before.size(), "{} of {} steps wait for each other", before.size() - visited.size(),
             before.size());
  return launches;
}

bool in_arena(const Value& value) { return value.home.space == Location::Space::arena; }

// Bytes of the step's inputs that nobody else reads at `launch` or later.
int64_t kept_alive_by(const Draft& draft, const std::vector<int>& launches, int step, int launch) {
  int64_t bytes = 0;
  std::vector<int> counted;
  for (const int input : draft.step(step).inputs) {
    const Value& value = draft.value(input);
    if (!in_arena(value) || value.output || std::ranges::find(counted, input) != counted.end()) continue;
    counted.push_back(input);
    const bool needed_anyway = std::ranges::any_of(
        value.readers, [&](int reader) { return reader != step && launches[index(reader)] >= launch; });
    if (!needed_anyway) bytes += value.home.bytes;
  }
  return bytes;
}

int64_t bytes_made_by(const Draft& draft, int step) {
  int64_t bytes = 0;
  for (const int output : draft.step(step).outputs) {
    if (in_arena(draft.value(output))) bytes += draft.value(output).home.bytes;
  }
  return bytes;
}

}  // namespace

std::vector<int> order_steps(const Draft& draft) {
  const Lists before = predecessors(draft);
  const Lists after = inverse(before);
  std::vector<int> visited;
  std::vector<int> launches = earliest_launches(before, after, visited);
  std::ranges::reverse(visited);
  for (const int step : visited) {
    if (after[index(step)].empty() || draft.step(step).early) continue;
    int latest = INT_MAX;
    for (const int later : after[index(step)]) latest = std::min(latest, launches[index(later)] - 1);
    if (bytes_made_by(draft, step) > kept_alive_by(draft, launches, step, latest)) launches[index(step)] = latest;
  }
  return launches;
}

}  // namespace duel
