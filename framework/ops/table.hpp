// The op table: every op record, for help, printing, tests and for kernels that look an op up by its record.
#pragma once

#include <span>

#include "graph/op.hpp"

namespace duel {

std::span<const Op* const> all_ops();
const Op* find_op(std::string_view name);

// Elementwise ops by record, so that kernels can map them to instructions.
enum class Elementwise : uint8_t {
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  power,
  negate,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  log,
  log1p,
  tanh,
  sigmoid,
  softplus,
  erf,
  sin,
  cos,
  abs,
  sign,
  floor,
  greater,
  greater_equal,
  less,
  less_equal,
  equal,
  not_equal,
  select,
  count
};
const Op& op_of(Elementwise which);
// Fails a check unless op.kind is elementwise.
Elementwise elementwise_of(const Op& op);

}  // namespace duel
