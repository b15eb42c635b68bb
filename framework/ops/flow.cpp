// Nodes that change what depends on what, and no value.
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

constexpr Op stop_gradient_record{
    .name = "stop_gradient",
    .kind = OpKind::barrier,
    .arity = 1,
    .shape = [](std::span<const Shape> inputs, const Attributes&) { return inputs[0]; },
    .reference = [](const Node&, std::span<const HostTensor* const> inputs, const ReferenceContext&,
                    HostTensor& output) { output.values = inputs[0]->values; },
    .flops = no_flops};

}  // namespace

const Op& stop_gradient_op() { return stop_gradient_record; }

Tensor stop_gradient(const Tensor& a) {
  if (constant_value(a) || a.node().op == &stop_gradient_op()) return a;
  return make(stop_gradient_op(), {a});
}

}  // namespace duel
