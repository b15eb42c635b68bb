// Chains of elementwise ops, with the broadcasts into them and the reductions out of them, as one program: each tile (a
// few KB, in L1) runs the whole chain with SIMD batches before the next tile is touched, as NumExpr does.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/dtype.hpp"
#include "kernels/kernel.hpp"
#include "ops/table.hpp"

namespace duel {

struct TileProgram {
  // An operand as it lies over the iteration space: one stride an extent, in elements; 0 repeats it along that axis.
  struct Operand {
    std::vector<int64_t> strides;
  };
  // Values are numbered: the inputs, then the constants, then the results of the instructions in order.
  struct Instruction {
    Elementwise op;
    std::array<int32_t, 3> arguments{};  // as many as the op's arity
  };
  enum class Fold : uint8_t { none, sum, max };
  // An output of the kernel: a value as it is (over the whole space, dense), or folded over the reduced axes (dense
  // over the kept ones).
  struct Result {
    int32_t value = 0;
    Fold fold = Fold::none;
  };

  DType dtype = DType::float32;
  std::vector<int64_t> extents;  // the iteration space, outermost first; neighbours that every operand treats alike
                                 // are collapsed by make_tile_kernel, callers need not
  std::vector<bool> reduced;     // one flag an extent; all folded results fold the same axes
  std::vector<Operand> inputs;
  std::vector<double> constants;
  std::vector<Instruction> instructions;
  std::vector<Result> results;
};

// Sums add partial results in a fixed tree; their order depends on the extents alone.
std::unique_ptr<Kernel> make_tile_kernel(TileProgram program);

}  // namespace duel
