#include "plan/recompute.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "graph/op.hpp"
#include "plan/index.hpp"
#include "plan/stages.hpp"

namespace duel {
namespace {

// So many instructions in a row, at most, are run again.
constexpr int longest_chain = 4;

class Recomputation {
 public:
  explicit Recomputation(Items& items)
      : items_(items),
        readers_(readers_of(items)),
        kept_(kept_items(items)),
        again_(items.list.size()),
        chain_(items.list.size(), 0) {}

  void run() {
    for (int i = 0; i < items_.size(); ++i) decide(i);
    rebuild();
    drop_unread();
  }

 private:
  void decide(int i) {
    const Item& item = items_[i];
    if (item.work != Work::elementwise || !item.cheap || kept_[index(i)]) return;
    std::set<int> stages;
    for (const int reader : readers_[index(i)]) {
      // A reader elsewhere needs the value in memory: then late readers may as well find it there.
      if (waits_for(items_[reader], item) || items_[reader].space != item.space) return;
      if (items_[reader].stage > item.stage) stages.insert(items_[reader].stage);
    }
    if (stages.empty()) return;
    int chain = 0;
    int64_t cost = 0;
    for (const Operand& operand : item.operands) {
      if (operand.is_number()) continue;
      chain = std::max(chain, chain_[index(operand.item)]);
      if (!is_there(operand.item, stages, i)) cost += items_[operand.item].elements;
    }
    if (cost > item.elements || chain + 1 > longest_chain) return;
    chain_[index(i)] = chain + 1;
    again_[index(i)] = std::move(stages);
  }

  // Can the operand be read at these stages without being kept for this alone?
  bool is_there(int operand, const std::set<int>& stages, int besides) const {
    const Item& item = items_[operand];
    if (is_in_memory_at(items_, operand, *stages.rbegin()) || kept_[index(operand)]) return true;
    if (std::ranges::includes(again_[index(operand)], stages)) return true;
    if (!again_[index(operand)].empty()) return false;
    return item.stage < *stages.begin() && std::ranges::any_of(readers_[index(operand)], [&](int reader) {
             return reader != besides && items_[reader].stage >= *stages.rbegin();
           });
  }

  // The list anew, with the copies of an item right after it, so that operands still precede their readers.
  void rebuild() {
    std::vector<Item> old = std::move(items_.list);
    items_.list.clear();
    std::vector<int> moved(old.size());
    std::map<std::pair<int, int>, int> copies;  // item and stage → its copy
    const auto operand_at = [&](int operand, int stage) {
      const auto copy = copies.find({operand, stage});
      return copy == copies.end() ? moved[index(operand)] : copy->second;
    };
    const auto add = [&](Item item) {
      for (Operand& operand : item.operands) {
        if (!operand.is_number()) operand.item = operand_at(operand.item, item.stage);
      }
      return items_.add(std::move(item));
    };
    for (std::size_t i = 0; i < old.size(); ++i) {
      moved[i] = add(old[i]);
      for (const int stage : again_[i]) {
        Item copy = old[i];
        copy.stage = stage;
        copies[{static_cast<int>(i), stage}] = add(std::move(copy));
      }
    }
    for (int& output : items_.outputs) output = moved[index(output)];
    for (auto& versions : items_.versions) {
      for (int& version : versions) version = moved[index(version)];
    }
  }

  // An item all of whose readers are later now has copies alone, and a group of such items would have no result.
  void drop_unread() {
    const std::vector<bool> kept = kept_items(items_);
    std::vector<bool> needed(items_.list.size());
    for (const auto& versions : items_.versions) {
      for (const int version : versions) needed[index(version)] = true;
    }
    for (int i = items_.size() - 1; i >= 0; --i) {
      needed[index(i)] = needed[index(i)] || kept[index(i)] || !items_[i].fusable();
      if (!needed[index(i)]) continue;
      for (const Operand& operand : items_[i].operands) {
        if (!operand.is_number()) needed[index(operand.item)] = true;
      }
    }
    if (std::ranges::find(needed, false) == needed.end()) return;
    std::vector<Item> old = std::move(items_.list);
    items_.list.clear();
    std::vector<int> moved(old.size(), -1);
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (!needed[i]) continue;
      for (Operand& operand : old[i].operands) {
        if (!operand.is_number()) operand.item = moved[index(operand.item)];
      }
      moved[i] = items_.add(std::move(old[i]));
    }
    for (int& output : items_.outputs) output = moved[index(output)];
    for (auto& versions : items_.versions) {
      for (int& version : versions) version = moved[index(version)];
    }
  }

  Items& items_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> kept_;
  std::vector<std::set<int>> again_;  // by item: the stages that compute it again
  std::vector<int> chain_;            // by item: instructions in a row that are run again with it
};

}  // namespace

void recompute(Items& items) { Recomputation(items).run(); }

}  // namespace duel
