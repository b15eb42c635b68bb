// Runs a kernel on operands given as doubles, in a chosen order of tiles; and what it should give.
#pragma once

#include <cstdint>
#include <vector>

#include "base/dtype.hpp"
#include "graph/tensor.hpp"
#include "kernels/kernel.hpp"

namespace duel::test {

struct Order {
  int threads = 0;  // 0: this thread alone, forwards; negative: backwards; else a pool of so many
};

// Outputs as doubles. Output memory and workspace begin as NaN, so what a kernel fails to write shows. With
// `in_place` ≥ 0, output 0 shares the memory of that input.
std::vector<std::vector<double>> run_kernel(const Kernel& kernel, DType dtype,
                                            const std::vector<std::vector<double>>& inputs,
                                            const std::vector<int64_t>& output_sizes, Order order = {},
                                            const DrawClock& clock = {}, int in_place = -1);

// The value of `tensor` whose inputs have these values, by its op's reference.
std::vector<double> reference(const Tensor& tensor, const std::vector<std::vector<double>>& inputs,
                              const DrawClock& clock = {});

// Numbers in (low, high) that are exact in float32.
std::vector<double> some_numbers(int64_t count, uint64_t seed, double low = -2, double high = 2);

}  // namespace duel::test
