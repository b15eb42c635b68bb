#include "plan/draft.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace duel {

int Draft::add_value(Location home) {
  values.push_back({.home = home, .producer = -1, .readers = {}, .output = false});
  return static_cast<int>(values.size()) - 1;
}

int Draft::add_step(Step step) {
  const int index = static_cast<int>(steps.size());
  for (const int input : step.inputs) {
    auto& readers = value(input).readers;
    if (readers.empty() || readers.back() != index) readers.push_back(index);
  }
  for (const int output : step.outputs) {
    DUEL_CHECK(value(output).producer == -1, "value {} has two producers", output);
    value(output).producer = index;
  }
  steps.push_back(std::move(step));
  return index;
}

bool Draft::can_overwrite(int step_index, int input, int output) const {
  const Step& writer = step(step_index);
  const auto position = std::ranges::find(writer.outputs, output) - writer.outputs.begin();
  for (std::size_t i = 0; i < writer.inputs.size(); ++i) {
    if (writer.inputs[i] != input) continue;
    if (!writer.kernel->can_overwrite(static_cast<int>(i), static_cast<int>(position))) return false;
  }
  return true;
}

std::vector<std::vector<int>> predecessors(const Draft& draft) {
  std::vector<std::vector<int>> result;
  for (const Step& step : draft.steps) {
    std::vector<int> before = step.after;
    for (const int input : step.inputs) {
      if (draft.value(input).producer >= 0) before.push_back(draft.value(input).producer);
    }
    std::ranges::sort(before);
    const auto repeated = std::ranges::unique(before);
    before.erase(repeated.begin(), repeated.end());
    result.push_back(std::move(before));
  }
  return result;
}

}  // namespace duel
