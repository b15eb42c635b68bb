#include "plan/stages.hpp"

#include <algorithm>
#include <climits>
#include <map>
#include <set>

#include "plan/index.hpp"
#include "plan/sets.hpp"

namespace duel {
namespace {

void assign_earliest(Items& items) {
  for (Item& item : items.list) {
    for (const Operand& operand : item.operands) {
      if (operand.is_number()) continue;
      const Item& source = items[operand.item];
      item.stage = std::max(item.stage, source.stage + (waits_for(item, source) ? 1 : 0));
    }
  }
}

std::vector<int> stages_of(const Items& items) {
  std::vector<int> stages;
  for (const Item& item : items.list) stages.push_back(item.stage);
  return stages;
}

// Moves items to later stages, the last stage first, so that the readers of an item are settled before it.
class Sinking {
 public:
  explicit Sinking(Items& items)
      : items_(items), targets_(stages_of(items)), readers_(readers_of(items)), kept_(kept_items(items)) {}

  void run() {
    std::map<int, std::vector<int>, std::greater<>> by_stage;
    for (int i = items_.size(); i-- > 0;) {
      const bool movable = items_[i].work == Work::elementwise || items_[i].work == Work::spread;
      if (movable && !kept_[index(i)] && !readers_[index(i)].empty()) by_stage[items_[i].stage].push_back(i);
    }
    for (const auto& [stage, candidates] : by_stage) sink(candidates);
  }

 private:
  // Of one stage, readers before their operands.
  void sink(const std::vector<int>& candidates) {
    std::vector<int> deferrable;
    for (const int i : candidates) {
      targets_[index(i)] = latest_stage(i);
      if (targets_[index(i)] > items_[i].stage) deferrable.push_back(i);
    }
    // First sets that hang together, each as a whole: two masks made of one tensor are worth keeping that instead,
    // one of them would not be. Then what is left, one by one.
    for (const auto& set : connected(deferrable)) move_if_worth_it(set);
    for (const int i : candidates) targets_[index(i)] = items_[i].stage;
    for (const int i : deferrable) {
      targets_[index(i)] = latest_stage(i);
      if (targets_[index(i)] > items_[i].stage) move_if_worth_it({i});
      targets_[index(i)] = items_[i].stage;
    }
  }

  // As late as its readers allow, when those of this stage go to their targets.
  int latest_stage(int i) const {
    int latest = INT_MAX;
    for (const int reader : readers_[index(i)]) {
      latest = std::min(latest, targets_[index(reader)] - (waits_for(items_[reader], items_[i]) ? 1 : 0));
    }
    return latest;
  }

  std::vector<std::set<int>> connected(const std::vector<int>& deferrable) const {
    Sets sets(items_.size());
    for (const int i : deferrable) {
      for (const Operand& operand : items_[i].operands) {
        if (!operand.is_number() && !is_in_memory_at(items_, operand.item, targets_[index(i)]))
          sets.join(i, operand.item);
      }
    }
    std::map<int, std::set<int>> by_root;
    for (const int i : deferrable) by_root[sets.find(i)].insert(i);
    std::vector<std::set<int>> result;
    for (auto& [root, set] : by_root) result.push_back(std::move(set));
    return result;
  }

  void move_if_worth_it(const std::set<int>& set) {
    int64_t saved = 0;
    std::map<int, int> needed_at;  // operand from outside → the last stage at which the set would read it
    for (const int i : set) {
      saved += saved_by(i, set);
      for (const Operand& operand : items_[i].operands) {
        if (operand.is_number() || set.contains(operand.item)) continue;
        int& stage = needed_at[operand.item];
        stage = std::max(stage, targets_[index(i)]);
      }
    }
    int64_t cost = 0;
    for (const auto& [operand, stage] : needed_at) {
      if (!is_needed_anyway(operand, stage, set)) cost += 2 * items_[operand].elements;
    }
    if (cost > saved) return;
    for (const int i : set) items_[i].stage = targets_[index(i)];
  }

  // Twice the elements that need not be kept from this stage on because of the move; at a draw it is worth it only if
  // the item then needs no memory at all.
  int64_t saved_by(int i, const std::set<int>& set) const {
    bool read_outside = false;
    bool fused = true;
    for (const int reader : readers_[index(i)]) {
      if (!set.contains(reader)) read_outside = true;
      fused = fused && targets_[index(reader)] == targets_[index(i)] && items_[reader].space == items_[i].space &&
              !waits_for(items_[reader], items_[i]);
    }
    return read_outside ? 2 * items_[i].elements - (fused ? 0 : 1) : 0;
  }

  bool is_needed_anyway(int operand, int stage, const std::set<int>& set) const {
    if (is_in_memory_at(items_, operand, stage) || kept_[index(operand)]) return true;
    return std::ranges::any_of(readers_[index(operand)],
                               [&](int reader) { return !set.contains(reader) && items_[reader].stage >= stage; });
  }

  Items& items_;
  std::vector<int> targets_;  // where an item of the present stage would go; elsewhere its stage
  std::vector<std::vector<int>> readers_;
  std::vector<bool> kept_;
};

}  // namespace

bool waits_for(const Item& reader, const Item& operand) {
  if (operand.in_memory()) return false;
  return !reader.fusable() || !operand.fusable() || operand.work == Work::reduction;
}

void assign_stages(Items& items) {
  assign_earliest(items);
  Sinking(items).run();
}

}  // namespace duel
