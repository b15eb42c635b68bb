// Where the time of a step goes, by kernel.
#pragma once

#include <string>
#include <vector>

#include "train/session.hpp"

namespace duel {

// All calls of one kind of kernel in a step.
struct KernelProfile {
  std::string kernel;
  int64_t calls = 0;
  double ms = 0;     // a step; of all threads together
  double flops = 0;  // a step
  double bytes = 0;  // a step: of the operands and results, each counted once a call

  double gflops() const { return ms > 0 ? 1e-6 * flops / ms : 0; }
  double gigabytes_per_second() const { return ms > 0 ? 1e-6 * bytes / ms : 0; }
};

// The longest first. Calls whose kernels describe themselves alike are one row.
std::vector<KernelProfile> profile_by_kernel(const std::vector<Executable::CallTime>& times);
std::string profile_text(const std::vector<KernelProfile>& profile);

}  // namespace duel
