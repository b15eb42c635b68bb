// Everything about an operation in one record: name, shape rule, gradient, meaning, traits. Passes read traits and
// never compare names. Records are static objects in framework/ops/; a node refers to its record by address.
#pragma once

#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "graph/tensor.hpp"

namespace duel {

// Thrown by shape rules; the message names the op and the shapes. Whoever knows the place in the experiment turns it
// into a UserError.
class ShapeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What kind of work an op is; each pass and kernel looks for the kinds it understands.
enum class OpKind : uint8_t {
  source,       // no inputs: input, variable, constant, iota
  random,       // no inputs; a stream key in its attributes
  elementwise,  // output[i] depends on input[i] alone; inputs and output have one shape; `scalar` gives its meaning
  broadcast,    // repeats along axes: attribute shape
  reduction,    // folds axes with + or max: attributes axes (sorted), extents of 1 are dropped
  view,         // same elements in the same order under another shape (reshape)
  movement,     // elements change place: permute, slice, pad, concat, gather, scatter_add
  contraction,  // matmul, convolutions
  assign,       // the next version of a variable; the value is its input's, no derivative
  barrier,      // stop_gradient: the value is its input's, no derivative
};

// A tensor in double precision on the host: the reference meaning of every op is defined on it.
struct HostTensor {
  Shape shape;
  std::vector<double> values;
};

// What a reference meaning may ask of its surroundings.
struct ReferenceContext {
  uint64_t step = 0;             // of the clock of random ops
  DType dtype = DType::float64;  // random ops draw as the engine would at this precision
};

// The call of a gradient rule: for `node` with inputs and output, given dL/d(output), return dL/d(input_i) for each i
// with wanted[i], built with public ops; a default Tensor means zero.
struct GradientCall {
  const Node& node;
  std::span<const Tensor> inputs;
  Tensor output;
  Tensor gradient;
  std::span<const bool> wanted;
};

struct Op {
  std::string_view name;
  OpKind kind;
  int arity;  // -1: any number ≥ 1

  // Output shape from input shapes; throws ShapeError.
  Shape (*shape)(std::span<const Shape> inputs, const Attributes& attributes);
  // nullptr: no derivative (its inputs are treated as constants).
  std::vector<Tensor> (*gradient)(const GradientCall& call) = nullptr;
  // Elementwise ops: the value from the values of the inputs.
  double (*scalar)(const double* inputs) = nullptr;
  // All other kinds but input, variable and assign: the value in double precision.
  void (*reference)(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext& context,
                    HostTensor& output) = nullptr;
  // Multiply-adds counted as two; for elementwise ops one an element.
  double (*flops)(const Node& node, std::span<const Shape> inputs) = nullptr;
};

// The records of the nodes that Graph itself makes. Attributes: name and shape; of assign, name and version (1, 2, …).
const Op& input_op();
const Op& variable_op();
const Op& assign_op();

}  // namespace duel
