// From a tile program's instructions to what its kernel runs. For this room's sources only.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/instructions.hpp"
#include "kernels/tile_program.hpp"

namespace duel {

inline constexpr int most_sources = 4;

// An instruction, a fused tree of them, or a copy; over numbered values, before these have registers.
template <class T>
struct Operation {
  InstructionFunction<T> function = nullptr;
  std::vector<int32_t> arguments;
  int32_t value = 0;  // the number of its result
};

// Instructions that no result needs are left out, and trees are fused. Results that are inputs, constants or results
// already become copies; `results` then names values that are each computed, unfolded ones one each. New values are
// numbered on from the program's.
template <class T>
std::vector<Operation<T>> lower(const TileProgram& program, std::vector<TileProgram::Result>& results);

}  // namespace duel
