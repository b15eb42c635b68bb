#include "plan/fuse.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "plan/sets.hpp"
#include "plan/stages.hpp"

namespace duel {
namespace {

// What one tile program holds at once, in values of which each may need a strip of memory of its own: beyond this the
// strips would leave L1. A larger set of items is cut in two.
constexpr std::size_t most_strips = 64;

bool walks_with(const Item& reader, const Operand& operand) {
  return !operand.is_number() && is_dense(operand.access) && elements_of(operand.access) == reader.space;
}

// Items of one stage and space that read each other or the same operand, in the order of their first items.
std::vector<std::vector<int>> connected_items(const Items& items) {
  Sets sets(items.size());
  std::map<std::tuple<int, int64_t, int>, int> reader_of;  // stage, space, operand → an item that reads it
  for (int i = 0; i < items.size(); ++i) {
    if (!items[i].fusable()) continue;
    for (const Operand& operand : items[i].operands) {
      if (!walks_with(items[i], operand)) continue;
      const Item& source = items[operand.item];
      if (!waits_for(items[i], source) && source.fusable() && source.stage == items[i].stage) {
        sets.join(operand.item, i);
      }
      sets.join(reader_of.try_emplace({items[i].stage, items[i].space, operand.item}, i).first->second, i);
    }
  }
  std::map<int, std::vector<int>> by_set;
  for (int i = 0; i < items.size(); ++i) {
    if (items[i].fusable()) by_set[sets.find(i)].push_back(i);
  }
  std::vector<std::vector<int>> result;
  for (auto& [first, members] : by_set) result.push_back(std::move(members));
  return result;
}

// How many strips an item may add to its program: itself, and operands that are not read as they lie.
std::size_t strips_of(const Item& item) {
  const auto gathered = [](const Operand& operand) { return !operand.is_number() && !is_dense(operand.access); };
  return 1 + static_cast<std::size_t>(std::ranges::count_if(item.operands, gathered));
}

// `loops` refined by `access`, unless that gives more loops than a tile program can have.
std::optional<Loops> refine_within_rank(const Loops& loops, const Access& access) {
  auto refined = refine(loops, access);
  if (refined && refined->size() > Shape::max_rank) return std::nullopt;
  return refined;
}

class Grouping {
 public:
  explicit Grouping(Items& items) : items_(items) {}

  std::vector<Group> run() {
    for (const auto& members : connected_items(items_)) cut(members);
    return std::move(groups_);
  }

 private:
  // Operands precede their readers, so each piece reads only from the pieces before it.
  void cut(const std::vector<int>& members) {
    std::vector<int> piece;
    std::size_t strips = 0;
    for (const int i : members) {
      strips += strips_of(items_[i]);
      if (strips > most_strips && !piece.empty()) {
        split(std::exchange(piece, {}));
        strips = strips_of(items_[i]);
      }
      piece.push_back(i);
    }
    split(piece);
  }

  // One program for the values and for the reductions that fold the commonest way; one more for each other way.
  void split(const std::vector<int>& members) {
    const Group empty{.members = {}, .loops = {items_[members.front()].space}, .fold = {}};
    Group group = empty;
    std::vector<int> reductions;
    for (const int i : members) {
      if (items_[i].work == Work::reduction) {
        reductions.push_back(i);
      } else {
        take(group, i);
      }
    }
    while (!reductions.empty()) {
      reductions = fold_into(group, commonest_fold(reductions), reductions);
      finish(group);
      group = empty;
    }
    finish(group);
  }

  void finish(const Group& group) {
    if (!group.members.empty()) groups_.push_back(group);
  }

  Access commonest_fold(const std::vector<int>& reductions) const {
    const auto count = [&](const Access& fold) {
      return std::ranges::count_if(reductions, [&](int i) { return items_[i].fold == fold; });
    };
    const Access* best = &items_[reductions.front()].fold;
    for (const int i : reductions) {
      if (count(items_[i].fold) > count(*best)) best = &items_[i].fold;
    }
    return *best;
  }

  // Takes the reductions that fold that way; returns the others.
  std::vector<int> fold_into(Group& group, const Access& fold, const std::vector<int>& reductions) {
    if (auto loops = refine_within_rank(group.loops, fold)) {
      group.loops = std::move(*loops);
    } else {  // their bounds cross: the values are stored, and folded by a program of their own
      finish(group);
      group = {.members = {}, .loops = *refine({elements_of(fold)}, fold), .fold = {}};
    }
    group.fold = fold;
    std::vector<int> others;
    for (const int i : reductions) {
      if (items_[i].fold == fold) {
        take(group, i);
      } else {
        others.push_back(i);
      }
    }
    return others;
  }

  void take(Group& group, int i) {
    for (std::size_t k = 0; k < items_[i].operands.size(); ++k) {
      const Operand operand = items_[i].operands[k];
      if (operand.is_number() || is_dense(operand.access)) continue;
      if (const auto loops = refine_within_rank(group.loops, operand.access)) {
        group.loops = *loops;
      } else {
        const int spread = lay_out(operand, items_[i].node);
        items_[i].operands[k] = {.item = spread, .value = 0, .access = dense_access(items_[spread].elements)};
      }
    }
    group.members.push_back(i);
  }

  int lay_out(const Operand& operand, NodeId node) {
    Item item;
    item.work = Work::spread;
    item.node = node;
    item.stage = items_[operand.item].stage;
    item.elements = item.space = elements_of(operand.access);
    item.operands = {operand};
    const int i = items_.add(std::move(item));
    groups_.push_back({.members = {i}, .loops = *refine({items_[i].space}, operand.access), .fold = {}});
    return i;
  }

  Items& items_;
  std::vector<Group> groups_;
};

}  // namespace

std::vector<Group> fuse(Items& items) { return Grouping(items).run(); }

}  // namespace duel
