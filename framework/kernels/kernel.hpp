// What runs. A kernel is made for one op (or one fused group) at fixed shapes and type; it cuts its work into tiles
// whose number and bounds depend on those shapes alone, so its results do not depend on how many threads run them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/random.hpp"

namespace duel {

// Where a call's operands lie, in the order of the op's inputs and outputs. All are 64-byte aligned, dense, row-major.
struct KernelArguments {
  const std::byte* const* inputs = nullptr;
  std::byte* const* outputs = nullptr;
  std::byte* workspace = nullptr;    // of workspace_bytes(); contents undefined at the start
  const DrawClock* clock = nullptr;  // only `step` is set by the engine: turn and repeat are the op's attributes
};

class Kernel;

// Another form of an operand, made by a kernel of its own. The plan has it made once for all kernels that want the same
// form of the same operand.
struct Packing {
  std::shared_ptr<const Kernel> kernel;  // one input, one output
  std::string format;                    // two packings of one operand are the same when these are equal
  int64_t bytes = 0;                     // of the packed form
};

// Immutable and thread-safe: any number of threads may run tiles of one phase at once. Phases run one after another:
// all tiles of phase p end before any of p+1 starts. run() neither allocates nor locks nor throws.
class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual std::string describe() const = 0;  // "openblas sgemm 64×512×256, 8 tiles": for duel show --plan
  virtual int phases() const { return 1; }
  virtual int64_t tiles(int phase) const = 0;
  virtual void run(int phase, int64_t tile, const KernelArguments& arguments) const = 0;
  virtual int64_t workspace_bytes() const { return 0; }
  // Where there is one, inputs[input] of run() is the packed form.
  virtual std::optional<Packing> packing(int input) const {
    (void)input;
    return std::nullopt;
  }
  // May outputs[output] share its memory with inputs[input]? True only if each tile reads its part of the input before
  // writing the same part of the output, and no other tile reads that part.
  virtual bool can_overwrite(int input, int output) const {
    (void)input, (void)output;
    return false;
  }
  virtual double flops() const { return 0; }  // multiply-adds counted as two
};

}  // namespace duel
