// A plan without addresses: steps that read and write numbered values. What the passes after fusion work on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace duel {

// A tensor that somebody needs in memory.
struct Value {
  Location home;             // space and, but for the arena, the place; the arena's offsets are the last pass' work
  int producer = -1;         // step; -1: lies there before the plan starts
  std::vector<int> readers;  // steps, ascending
  bool output = false;       // read after the plan ends
};

struct Step {
  std::shared_ptr<const Kernel> kernel;
  std::vector<int> inputs;  // values
  std::vector<int> outputs;
  std::vector<int> after;  // steps that must be finished before, besides those that produce the inputs
  std::string label;
  bool early = false;  // run it as soon as it can be, not as late, which would save memory
};

struct Draft {
  DType dtype = DType::float32;
  std::vector<Value> values;
  std::vector<Step> steps;
  std::vector<int> outputs;                // values, one each output of the graph
  std::vector<std::vector<int>> versions;  // values, as Items::versions
  std::vector<std::byte> constants;

  Value& value(int i) { return values[static_cast<std::size_t>(i)]; }
  const Value& value(int i) const { return values[static_cast<std::size_t>(i)]; }
  Step& step(int i) { return steps[static_cast<std::size_t>(i)]; }
  const Step& step(int i) const { return steps[static_cast<std::size_t>(i)]; }

  // Adds a step and enters it as producer and reader of its values.
  int add_step(Step step);
  int add_value(Location home);
  // May the step write output `output` over value `input`, through whichever operands it reads that?
  bool can_overwrite(int step, int input, int output) const;
};

// The steps that must be finished before each step starts: the producers of its inputs and `after`. Ascending, without
// duplicates.
std::vector<std::vector<int>> predecessors(const Draft& draft);

}  // namespace duel
