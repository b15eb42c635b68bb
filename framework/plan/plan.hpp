// Graph → plan: a list of kernel calls over one arena. Made once; nothing in it changes while it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "kernels/kernel.hpp"

namespace duel {

// Where an operand lies.
struct Location {
  enum class Space : uint8_t { arena, variable, input, constant };
  static constexpr int64_t alignment = 64;  // every offset is a multiple
  Space space = Space::arena;
  int64_t index = 0;   // variable, input: which one; constant, arena: 0
  int64_t offset = 0;  // bytes from the start of the arena or of the constants
  int64_t bytes = 0;   // of the operand
  bool operator==(const Location&) const = default;
};

struct Call {
  std::shared_ptr<const Kernel> kernel;
  std::vector<Location> inputs;
  std::vector<Location> outputs;
  Location workspace;
  std::string label;  // the nodes that it computes, for duel show --plan
};

// Calls with no dependence between them: their tiles run together. Launches run one after another.
struct Launch {
  std::vector<Call> calls;
};

struct Slot {
  std::string name;
  Shape shape;
  DType dtype = DType::float32;
  int64_t bytes() const { return shape.elements() * size_of(dtype); }
};

struct OutputSlot {
  Slot slot;
  Location location;
  int64_t launch = -1;  // that writes it; -1: it lies there before the plan runs
};

struct Plan {
  DType dtype = DType::float32;
  std::vector<Launch> launches;
  std::vector<Slot> variables;
  std::vector<Slot> inputs;
  std::vector<OutputSlot> outputs;  // stay readable until the next run
  std::vector<std::byte> constants;
  int64_t arena_bytes = 0;
  double flops = 0;  // of one run
  // Arena, constants, inputs and variables together: what running it needs.
  int64_t peak_bytes() const;
};

Plan make_plan(const Graph& graph);

// The list as text: launches, kernels, tiles, operands, bytes, and the totals.
std::string print_plan(const Plan& plan);

// Operands inside their spaces, no call of a launch touching what another of it writes, every arena byte written
// before it is read, outputs not overwritten later. Throws InternalError. Run after planning in debug builds and tests.
void verify_plan(const Plan& plan);

}  // namespace duel
