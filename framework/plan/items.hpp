// What is left of a graph when views, broadcasts, assignments and constants are gone: the tensors that are computed or
// lie in memory already, and how each is read. The passes before memory work on this.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/graph.hpp"
#include "plan/access.hpp"

namespace duel {

// One operand of an item: another item's elements, or a number.
struct Operand {
  static constexpr int number = -1;
  int item = number;
  double value = 0;  // of a number
  Access access;     // over the reader's space; unused for a number
  bool is_number() const { return item == number; }
};

enum class Work : uint8_t {
  input,        // lies in an input
  variable,     // lies in a variable: its value before the step
  constant,     // lies in the plan's constants
  elementwise,  // part of a tile program: one instruction
  spread,       // part of a tile program: an operand laid out densely, because somebody needs it in memory
  reduction,    // part of a tile program: a folded result
  kernel,       // has a kernel of its own
};

struct Item {
  Work work = Work::kernel;
  NodeId node;                   // whose elements these are; of a spread or a constant: any node with these values
  int64_t index = 0;             // input, variable: which one
  std::optional<double> number;  // constant: every element; without one, as the node's reference says
  int64_t elements = 1;          // of the result
  int64_t space = 1;             // of the iteration: what a reduction folds, otherwise `elements`
  int stage = 0;                 // set by assign_stages
  bool cheap = false;            // elementwise: a few cycles at most
  Access fold;                   // reduction: where in the result the elements of the space go
  std::vector<Operand> operands;

  bool in_memory() const { return work == Work::input || work == Work::variable || work == Work::constant; }
  bool fusable() const { return work == Work::elementwise || work == Work::spread || work == Work::reduction; }
};

struct Items {
  std::vector<Item> list;    // operands precede their readers
  std::vector<int> outputs;  // one each output of the graph
  // One list each variable of the graph: the item of its value before the step, then of each version that is read
  // later or is the last. Only the first when it is never assigned; empty when it is not used at all.
  std::vector<std::vector<int>> versions;

  const Item& operator[](int item) const { return list[static_cast<std::size_t>(item)]; }
  Item& operator[](int item) { return list[static_cast<std::size_t>(item)]; }
  int size() const { return static_cast<int>(list.size()); }
  int add(Item item) {
    list.push_back(std::move(item));
    return size() - 1;
  }
};

// For each item those that read it; one that reads it twice stands there twice.
std::vector<std::vector<int>> readers_of(const Items& items);
// Which items somebody reads after the step: outputs and last versions.
std::vector<bool> kept_items(const Items& items);
// Does the item lie in memory at `stage` whatever the passes do? A variable's old value does until the stage at which
// its new one is computed, which is best written in its place.
bool is_in_memory_at(const Items& items, int item, int stage);

}  // namespace duel
