#include "kernels/select.hpp"

#include <map>

#include "base/error.hpp"
#include "graph/source.hpp"
#include "kernels/makers.hpp"
#include "ops/records.hpp"

namespace duel {
namespace {

using Integers = std::vector<int64_t>;

const Shape& shape_of(const Graph& graph, const Node& node, std::size_t input) {
  return graph[node.inputs[input]].shape;
}

Integers strides_of(const Shape& shape) {
  const auto strides = row_major_strides(shape);
  return {strides.begin(), strides.begin() + shape.rank()};
}

int64_t offset_of(const Integers& start, const Integers& strides) {
  int64_t offset = 0;
  for (std::size_t i = 0; i < start.size(); ++i) offset += start[i] * strides[i];
  return offset;
}

std::unique_ptr<Kernel> make_constant(const Graph&, const Node& node) {
  return make_fill_kernel(node.dtype, node.shape.elements(), node.attributes.number("value"), 0);
}

std::unique_ptr<Kernel> make_iota(const Graph&, const Node& node) {
  return make_fill_kernel(node.dtype, node.shape.elements(), 0, 1);
}

template <Distribution distribution>
std::unique_ptr<Kernel> make_random(const Graph&, const Node& node) {
  const Attributes& attributes = node.attributes;
  const DrawClock clock{0, static_cast<uint16_t>(attributes.integer("turn")),
                        static_cast<uint16_t>(attributes.integer("repeat"))};
  return make_random_kernel(node.dtype, distribution, static_cast<uint64_t>(attributes.integer("key")), clock,
                            node.shape.elements());
}

std::unique_ptr<Kernel> make_permute(const Graph& graph, const Node& node) {
  const Integers own = strides_of(shape_of(graph, node, 0));
  Move move{.extents = extents(node.shape), .from_strides = {}, .to_strides = strides_of(node.shape)};
  for (const int64_t axis : node.attributes.integers("order")) {
    move.from_strides.push_back(own[static_cast<std::size_t>(axis)]);
  }
  return make_move_kernel(node.dtype, "permute", {std::move(move)});
}

std::unique_ptr<Kernel> make_slice(const Graph& graph, const Node& node) {
  Move move{.extents = extents(node.shape),
            .from_strides = strides_of(shape_of(graph, node, 0)),
            .to_strides = strides_of(node.shape)};
  move.from = offset_of(node.attributes.integers("start"), move.from_strides);
  return make_move_kernel(node.dtype, "slice", {std::move(move)});
}

std::unique_ptr<Kernel> make_pad(const Graph& graph, const Node& node) {
  return make_pad_kernel(node.dtype, shape_of(graph, node, 0), node.attributes.integers("before"),
                         node.attributes.integers("after"));
}

std::unique_ptr<Kernel> make_concat(const Graph& graph, const Node& node) {
  const auto axis = static_cast<int>(node.attributes.integer("axis"));
  const Integers to_strides = strides_of(node.shape);
  std::vector<Move> moves;
  int64_t start = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Shape& part = shape_of(graph, node, i);
    moves.push_back({.input = static_cast<int>(i),
                     .extents = extents(part),
                     .from_strides = strides_of(part),
                     .to_strides = to_strides,
                     .to = start * to_strides[static_cast<std::size_t>(axis)]});
    start += part[axis];
  }
  return make_move_kernel(node.dtype, "concat", std::move(moves));
}

std::unique_ptr<Kernel> make_gather(const Graph& graph, const Node& node) {
  const Shape& table = shape_of(graph, node, 0);
  return make_gather_kernel(node.dtype, table[0], table.without_first().elements(), node.shape[0]);
}

std::unique_ptr<Kernel> make_scatter_add(const Graph& graph, const Node& node) {
  return make_scatter_add_kernel(node.dtype, node.shape[0], node.shape.without_first().elements(),
                                 shape_of(graph, node, 1)[0]);
}

std::unique_ptr<Kernel> make_matmul(const Graph& graph, const Node& node) {
  const Shape& a = shape_of(graph, node, 0);
  MatmulShape shape;
  shape.transpose_a = node.attributes.flag("transpose_a");
  shape.transpose_b = node.attributes.flag("transpose_b");
  shape.batch = a.rank() == 3 ? a[0] : 1;
  shape.rows = node.shape[-2];
  shape.columns = node.shape[-1];
  shape.inner = shape.transpose_a ? a[-2] : a[-1];
  return make_matmul_kernel(node.dtype, shape);
}

// Up to how many channels, or outputs, oneDNN is several times slower than its best: measured 8 to 22 GF/s against 110
// and more, for input gradients by their channels, for the others by their outputs. Products of matrices are not.
constexpr int64_t few = 4;
// From how many channels oneDNN's gradient of the weights of a strided window is slower than products of matrices:
// measured 149 to 166 GF/s against 152 to 198 on two threads (tests/performance/kernels.cpp, layers 1, 2, 3 and 8).
constexpr int64_t many = 64;

template <Direction direction>
std::unique_ptr<Kernel> make_convolution(const Graph& graph, const Node& node) {
  const Shape inputs[] = {shape_of(graph, node, 0), shape_of(graph, node, 1)};
  const ConvolutionShape shape = convolution_shape(*node.op, inputs, node.attributes);
  if (shape.outputs <= few && shape.channels > few && can_turn(direction, shape)) {
    return make_turned_convolution(node.dtype, direction, shape);
  }
  const bool thin = direction == Direction::input_gradient && shape.channels <= few;
  const bool strided = shape.how.stride[0] > 1 || shape.how.stride[1] > 1;
  const bool many_strided = direction == Direction::weight_gradient && strided && shape.group_channels() >= many &&
                            shape.group_outputs() >= many;
  const bool by_onednn =
      onednn_is_built_in() && node.dtype == DType::float32 && !thin && !many_strided && shape.batch > 0;
  if (by_onednn) return make_onednn_convolution(direction, shape);
  return make_gemm_convolution(node.dtype, direction, shape);
}

std::unique_ptr<Kernel> make_resample(const Graph& graph, const Node& node) {
  return make_resample_kernel(node.dtype, shape_of(graph, node, 0), static_cast<int>(node.attributes.integer("axis")),
                              taps_of(node.attributes));
}

std::unique_ptr<Kernel> make_max_pool(const Graph& graph, const Node& node) {
  const Shape inputs[] = {shape_of(graph, node, 0), shape_of(graph, node, 1)};
  return make_max_pool_kernel(node.dtype, node.op == &max_pool_put_op(),
                              pooling_shape(*node.op, inputs, node.attributes));
}

using Maker = std::unique_ptr<Kernel> (*)(const Graph&, const Node&);

const std::map<const Op*, Maker>& makers() {
  static const std::map<const Op*, Maker> table = {
      {&constant_op(), make_constant},
      {&iota_op(), make_iota},
      {&random_uniform_op(), make_random<Distribution::uniform>},
      {&random_normal_op(), make_random<Distribution::normal>},
      {&permute_op(), make_permute},
      {&slice_op(), make_slice},
      {&pad_op(), make_pad},
      {&concat_op(), make_concat},
      {&gather_op(), make_gather},
      {&scatter_add_op(), make_scatter_add},
      {&matmul_op(), make_matmul},
      {&conv2d_op(), make_convolution<Direction::forward>},
      {&conv2d_input_gradient_op(), make_convolution<Direction::input_gradient>},
      {&conv2d_weight_gradient_op(), make_convolution<Direction::weight_gradient>},
      {&resample_op(), make_resample},
      {&max_pool_take_op(), make_max_pool},
      {&max_pool_put_op(), make_max_pool},
  };
  return table;
}

}  // namespace

std::unique_ptr<Kernel> make_kernel(const Graph& graph, const Node& node) {
  const auto found = makers().find(node.op);
  DUEL_CHECK(found != makers().end(), "no kernel runs {}", node.op->name);
  return found->second(graph, node);
}

std::unique_ptr<Kernel> make_copy_kernel(DType dtype, int64_t elements) {
  return make_move_kernel(dtype, "copy", {{.extents = {elements}, .from_strides = {1}, .to_strides = {1}}});
}

}  // namespace duel
