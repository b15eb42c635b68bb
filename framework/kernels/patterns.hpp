// Small trees of instructions that run as one pass over a strip, so that what is between stays in a register instead of
// going through L1. They round as the instructions one by one would: fusing changes no bit. For this room's sources.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/instructions.hpp"
#include "ops/table.hpp"

namespace duel {

template <class T>
struct Pattern {
  // The tree in prefix order: an op before its operands, or a leaf, which is source number `leaf`.
  struct Node {
    int leaf = -1;
    Elementwise op = Elementwise::count;
  };
  std::vector<Node> nodes;
  int sources = 0;
  InstructionFunction<T> function = nullptr;
  int instructions() const { return static_cast<int>(nodes.size()) - sources; }
};

// The patterns that there are, those of most instructions first.
template <class T>
std::span<const Pattern<T>> patterns();

// Instructions that mean the same with their two operands exchanged.
constexpr bool is_commutative(Elementwise op) { return op == Elementwise::add || op == Elementwise::multiply; }

}  // namespace duel
