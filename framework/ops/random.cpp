// Draws. Element i of a draw is a function of (key, step, turn, repeat, i) alone, so that it does not depend on tiling.
#include "base/random.hpp"

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

struct Draw {
  uint64_t key;
  DrawClock clock;

  uint32_t word(std::size_t element) const { return random_bits(key, clock, element / 4)[element % 4]; }
};

Draw draw_of(const Node& node, const ReferenceContext& context) {
  return {static_cast<uint64_t>(node.attributes.integer("key")),
          {context.step, static_cast<uint16_t>(node.attributes.integer("turn")),
           static_cast<uint16_t>(node.attributes.integer("repeat"))}};
}

void draw_uniform(const Node& node, std::span<const HostTensor* const>, const ReferenceContext& context,
                  HostTensor& output) {
  const Draw draw = draw_of(node, context);
  const bool single = context.dtype == DType::float32;
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    output.values[i] = single ? uniform_float(draw.word(i)) : uniform_double(draw.word(i));
  }
}

void draw_normal(const Node& node, std::span<const HostTensor* const>, const ReferenceContext& context,
                 HostTensor& output) {
  const Draw draw = draw_of(node, context);
  const bool single = context.dtype == DType::float32;
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    const std::size_t first = i - i % 2;
    const double value = normal_pair(draw.word(first), draw.word(first + 1))[i % 2];
    output.values[i] = single ? static_cast<float>(value) : value;
  }
}

constexpr Op uniform_record{.name = "random_uniform",
                            .kind = OpKind::random,
                            .arity = 0,
                            .shape = shape_of_source,
                            .reference = draw_uniform,
                            .flops = no_flops};

constexpr Op normal_record{.name = "random_normal",
                           .kind = OpKind::random,
                           .arity = 0,
                           .shape = shape_of_source,
                           .reference = draw_normal,
                           .flops = no_flops};

Tensor make_draw(Graph& graph, const Op& op, const RandomSource& source, const Shape& shape) {
  DUEL_CHECK(source.turn >= 0 && source.turn <= UINT16_MAX, "turn {} does not fit a draw's clock", source.turn);
  DUEL_CHECK(source.repeat >= 0 && source.repeat <= UINT16_MAX, "repeat {} does not fit a draw's clock", source.repeat);
  return {graph, graph.add(op, {},
                           {{"key", static_cast<int64_t>(source.key)},
                            {"turn", source.turn},
                            {"repeat", source.repeat},
                            {"shape", extents(shape)}})};
}

}  // namespace

const Op& random_uniform_op() { return uniform_record; }
const Op& random_normal_op() { return normal_record; }

Tensor random_uniform(Graph& graph, const RandomSource& source, const Shape& shape) {
  return make_draw(graph, random_uniform_op(), source, shape);
}

Tensor random_normal(Graph& graph, const RandomSource& source, const Shape& shape) {
  return make_draw(graph, random_normal_op(), source, shape);
}

}  // namespace duel
