// Disjoint sets of 0 … size-1 (union-find).
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace duel {

class Sets {
 public:
  explicit Sets(int size) : parent_(static_cast<std::size_t>(size)) { std::iota(parent_.begin(), parent_.end(), 0); }

  // The least member of i's set.
  int find(int i) {
    int& parent = parent_[static_cast<std::size_t>(i)];
    if (parent != i) parent = find(parent);
    return parent;
  }

  void join(int a, int b) {
    const int first = find(a);
    const int second = find(b);
    parent_[static_cast<std::size_t>(std::max(first, second))] = std::min(first, second);
  }

 private:
  std::vector<int> parent_;
};

}  // namespace duel
