// A kernel that computes nothing: for tests of lists of calls.
#pragma once

#include <string>

#include "kernels/kernel.hpp"

namespace duel {

struct FakeKernel final : Kernel {
  std::string name = "fake";
  int64_t workspace = 0;
  bool overwrites = false;

  std::string describe() const override { return name; }
  int phases() const override { return workspace > 0 ? 2 : 1; }
  int64_t tiles(int phase) const override { return phase == 0 ? 4 : 1; }
  void run(int, int64_t, const KernelArguments&) const override {}
  int64_t workspace_bytes() const override { return workspace; }
  bool can_overwrite(int input, int) const override { return overwrites && input == 0; }
  double flops() const override { return 1e6; }
};

}  // namespace duel
