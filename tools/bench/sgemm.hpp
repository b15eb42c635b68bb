// How fast this machine multiplies matrices: the yardstick for the arithmetic of a step.
#pragma once

#include <string>
#include <vector>

namespace duel {

struct SgemmRate {
  std::string library;  // "OpenBLAS 0.3.21 SkylakeX"
  double gflops = 0;
};

// The best of several products of 2048 × 2048 matrices in single precision, by each library: OpenBLAS, and oneDNN where
// the build found it. Each of `threads` threads computes its share of the columns. Call it inside a ThreadPool of as
// many. Throws UserError when oneDNN was there at build time and is no longer.
std::vector<SgemmRate> measure_sgemm(int threads);

}  // namespace duel
