#include "plan/items.hpp"

namespace duel {

std::vector<std::vector<int>> readers_of(const Items& items) {
  std::vector<std::vector<int>> readers(items.list.size());
  for (int i = 0; i < items.size(); ++i) {
    for (const Operand& operand : items[i].operands) {
      if (!operand.is_number()) readers[static_cast<std::size_t>(operand.item)].push_back(i);
    }
  }
  return readers;
}

std::vector<bool> kept_items(const Items& items) {
  std::vector<bool> kept(items.list.size(), false);
  for (const int output : items.outputs) kept[static_cast<std::size_t>(output)] = true;
  for (const auto& versions : items.versions) {
    if (!versions.empty()) kept[static_cast<std::size_t>(versions.back())] = true;
  }
  return kept;
}

bool is_in_memory_at(const Items& items, int item, int stage) {
  if (items[item].work != Work::variable) return items[item].in_memory();
  const auto& versions = items.versions[static_cast<std::size_t>(items[item].index)];
  return versions.size() < 2 || items[versions[1]].stage >= stage;
}

}  // namespace duel
