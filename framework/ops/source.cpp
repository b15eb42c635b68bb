// Nodes that hold a number or count.
#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

constexpr Op constant_record{
    .name = "constant",
    .kind = OpKind::source,
    .arity = 0,
    .shape = shape_of_source,
    .reference = [](const Node& node, std::span<const HostTensor* const>, const ReferenceContext&,
                    HostTensor& output) { std::ranges::fill(output.values, node.attributes.number("value")); },
    .flops = no_flops};

constexpr Op iota_record{
    .name = "iota",
    .kind = OpKind::source,
    .arity = 0,
    .shape = shape_of_source,
    .reference = [](const Node&, std::span<const HostTensor* const>, const ReferenceContext&,
                    HostTensor& output) { std::iota(output.values.begin(), output.values.end(), 0.0); },
    .flops = no_flops};

}  // namespace

const Op& constant_op() { return constant_record; }
const Op& iota_op() { return iota_record; }

Tensor constant(Graph& graph, double value, const Shape& shape) {
  return {graph, graph.add(constant_op(), {}, {{"shape", extents(shape)}, {"value", value}})};
}

Tensor constant_like(const Tensor& like, double value) { return constant(like.graph(), value, like.shape()); }

std::optional<double> constant_value(const Tensor& a) {
  const Node& node = a.node();
  if (node.op != &constant_op()) return std::nullopt;
  return node.attributes.number("value");
}

Tensor iota(Graph& graph, int64_t n) {
  DUEL_CHECK(n >= 0, "iota of {} elements", n);
  return {graph, graph.add(iota_op(), {}, {{"shape", std::vector<int64_t>{n}}})};
}

}  // namespace duel
