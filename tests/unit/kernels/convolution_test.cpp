// Convolutions by both routes, pooling and resampling, against the ops' reference meanings in double.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/makers.hpp"
#include "kernels/select.hpp"
#include "ops/ops.hpp"
#include "run_kernel.hpp"

namespace duel {
namespace {

using test::reference;
using test::run_kernel;
using test::some_numbers;

void expect_close(const Kernel& kernel, DType dtype, const std::vector<std::vector<double>>& inputs,
                  const std::vector<double>& wanted, double products) {
  const auto size = static_cast<int64_t>(wanted.size());
  const auto got = run_kernel(kernel, dtype, inputs, {size});
  const double allowed = (dtype == DType::float32 ? 2e-6 : 1e-14) * (2 + std::sqrt(products));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_NEAR(got[0][i], wanted[i], allowed * (1 + std::abs(wanted[i]))) << kernel.describe() << ", element " << i;
  }
  for (const int threads : {-1, 2, 3}) {
    ASSERT_EQ(run_kernel(kernel, dtype, inputs, {size}, {threads}), got) << kernel.describe();
  }
}

struct Case {
  int64_t batch;
  Extent2 size;
  int64_t channels;
  int64_t outputs;
  Extent2 kernel;
  Convolution how;
};

std::vector<Case> cases() {
  std::vector<Case> all{
      {1, {1, 1}, 1, 1, {1, 1}, {.stride = {2, 2}}},
      {1, {1, 1}, 3, 2, {3, 3}, {.before = {1, 1}, .after = {1, 1}}},
      {2, {5, 4}, 1, 3, {3, 2}, {}},
      {3, {7, 7}, 4, 5, {3, 3}, {.before = {1, 1}, .after = {1, 1}}},
      {2, {8, 7}, 3, 4, {5, 5}, {.stride = {2, 2}, .before = {1, 1}, .after = {2, 2}}},
      {2, {9, 6}, 2, 3, {3, 3}, {.stride = {3, 2}, .before = {0, 2}, .after = {1, 0}}},
      {2, {9, 9}, 3, 2, {3, 3}, {.dilation = {2, 3}, .before = {2, 3}, .after = {2, 3}}},
      {2, {10, 11}, 2, 2, {3, 2}, {.stride = {2, 3}, .dilation = {3, 2}, .before = {1, 0}, .after = {0, 4}}},
      {2, {6, 6}, 6, 4, {3, 3}, {.before = {1, 1}, .after = {1, 1}, .groups = 2}},
      {2, {6, 6}, 5, 5, {3, 3}, {.stride = {2, 2}, .before = {1, 1}, .after = {1, 1}, .groups = 5}},
      {2, {5, 5}, 4, 8, {3, 3}, {.groups = 4}},
      {2, {4, 5}, 2, 2, {2, 2}, {.before = {5, 3}, .after = {4, 6}}},  // windows that lie beyond the image altogether
      {3, {7, 9}, 32, 48, {3, 3}, {.before = {1, 1}, .after = {1, 1}}},
      {5, {14, 14}, 16, 32, {5, 5}, {.stride = {2, 2}, .before = {1, 1}, .after = {2, 2}}},
      {9, {28, 28}, 1, 16, {5, 5}, {.stride = {2, 2}, .before = {1, 1}, .after = {2, 2}}},
      {7, {12, 12}, 64, 3, {3, 3}, {.before = {1, 1}, .after = {1, 1}}},
      {33, {8, 8}, 17, 19, {4, 4}, {.stride = {2, 2}, .before = {1, 1}, .after = {1, 1}}},
      {2, {1, 40}, 6, 7, {1, 5}, {.stride = {1, 2}, .before = {0, 2}, .after = {0, 2}}},
      {9, {18, 18}, 256, 64, {3, 3}, {.stride = {2, 2}, .before = {1, 1}, .after = {1, 1}, .groups = 2}},
      {1, {2, 2}, 50000, 2, {2, 1}, {}},  // a pixel is more than the buffer
      {2, {8, 8}, 1200, 3, {3, 3}, {}},   // not all taps fit into the buffer at once
      {0, {8, 8}, 3, 4, {3, 3}, {}},
  };
  return all;
}

// The three tensors of each case, in the order images, weights, outputs.
void check_convolution(Direction direction, const Case& c) {
  for (const DType dtype : {DType::float32, DType::float64}) {
    Graph graph(dtype);
    const Shape images{c.batch, c.size[0], c.size[1], c.channels};
    const Shape weight{c.kernel[0], c.kernel[1], c.channels / c.how.groups, c.outputs};
    const Tensor x(graph, graph.input("images", images));
    const Tensor w(graph, graph.input("weight", weight));
    const Tensor y = conv2d(x, w, c.how);
    const Tensor g(graph, graph.input("outputs", y.shape()));
    Tensor result = y;
    std::vector<Shape> shapes{images, weight};
    if (direction == Direction::input_gradient) {
      result = conv2d_input_gradient(g, w, c.size, c.how);
      shapes = {y.shape(), weight};
    } else if (direction == Direction::weight_gradient) {
      result = conv2d_weight_gradient(x, g, c.kernel, c.how);
      shapes = {images, y.shape()};
    }
    const ConvolutionShape shape = convolution_shape(*result.node().op, shapes, result.node().attributes);
    std::vector<std::vector<double>> values;
    for (const Shape& one : shapes) values.push_back(some_numbers(one.elements(), values.size() + 3));
    const auto wanted = reference(result, values);
    const double products = shape.flops() / 2 / static_cast<double>(std::max<std::size_t>(1, wanted.size()));
    expect_close(*make_gemm_convolution(dtype, direction, shape), dtype, values, wanted, products);
    if (testing::Test::HasFatalFailure()) return;
    if (can_turn(direction, shape)) {
      expect_close(*make_turned_convolution(dtype, direction, shape), dtype, values, wanted, products);
      if (testing::Test::HasFatalFailure()) return;
    }
    if (dtype == DType::float64 || !onednn_is_built_in() || c.batch == 0) continue;
    expect_close(*make_onednn_convolution(direction, shape), dtype, values, wanted, products);
    if (testing::Test::HasFatalFailure()) return;
    expect_close(*make_kernel(graph, result.node()), dtype, values, wanted, products);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Convolution, EqualsTheReference) {
  for (const Case& c : cases()) {
    check_convolution(Direction::forward, c);
    if (HasFatalFailure()) return;
  }
}

TEST(Convolution, InputGradientEqualsTheReference) {
  for (const Case& c : cases()) {
    check_convolution(Direction::input_gradient, c);
    if (HasFatalFailure()) return;
  }
}

TEST(Convolution, WeightGradientEqualsTheReference) {
  for (const Case& c : cases()) {
    check_convolution(Direction::weight_gradient, c);
    if (HasFatalFailure()) return;
  }
}

TEST(Convolution, TakesTheRouteOfTheRule) {
  Graph graph(DType::float32);
  const Tensor w(graph, graph.input("weight", {5, 5, 1, 64}));
  const Tensor g(graph, graph.input("outputs", {32, 14, 14, 64}));
  const Convolution how{.stride = {2, 2}, .before = {1, 1}, .after = {2, 2}};
  const auto thin = make_kernel(graph, conv2d_input_gradient(g, w, {28, 28}, how).node());
  EXPECT_TRUE(thin->describe().starts_with("gemm convolution input gradient")) << thin->describe();
  const Tensor x(graph, graph.input("images", {32, 28, 28, 1}));
  const auto forward = make_kernel(graph, conv2d(x, w, how).node());
  EXPECT_EQ(forward->describe().starts_with("onednn"), onednn_is_built_in()) << forward->describe();
  EXPECT_FALSE(forward->packing(0).has_value());
  const Tensor wide(graph, graph.input("wide", {32, 16, 16, 64}));
  const Tensor to_three(graph, graph.input("to_three", {3, 3, 64, 3}));
  const auto colours = make_kernel(graph, conv2d(wide, to_three, {.before = {1, 1}, .after = {1, 1}}).node());
  EXPECT_TRUE(colours->describe().starts_with("turned gemm")) << colours->describe();

  const auto weights_route = [&](int64_t channels, const Convolution& window) {
    const Tensor images(graph,
                        graph.input(fmt::format("images {} {}", channels, window.stride[0]), {8, 16, 16, channels}));
    const Tensor three(graph,
                       graph.input(fmt::format("window {} {}", channels, window.stride[0]), {3, 3, channels, 128}));
    const Tensor outputs = conv2d(images, three, window);
    return make_kernel(graph, conv2d_weight_gradient(images, outputs, {3, 3}, window).node())->describe();
  };
  const Convolution strided{.stride = {2, 2}, .before = {1, 1}, .after = {1, 1}};
  EXPECT_TRUE(weights_route(64, strided).starts_with("gemm")) << weights_route(64, strided);
  EXPECT_EQ(weights_route(63, strided).starts_with("onednn"), onednn_is_built_in());
  EXPECT_EQ(weights_route(64, {.before = {1, 1}, .after = {1, 1}}).starts_with("onednn"), onednn_is_built_in());
}

TEST(MaxPool, EqualsTheReference) {
  const std::vector<std::pair<Shape, Pooling>> all{
      {{2, 6, 6, 3}, {}},
      {{1, 5, 7, 2}, {.kernel = {3, 3}, .stride = {2, 2}, .before = {1, 1}, .after = {1, 1}}},
      {{3, 4, 4, 20}, {.kernel = {3, 2}, .stride = {1, 1}, .before = {2, 1}, .after = {0, 1}}},
      {{1, 1, 1, 1}, {.kernel = {1, 1}, .stride = {3, 3}, .before = {0, 0}, .after = {0, 0}}}};
  for (const auto& [shape, how] : all) {
    for (const DType dtype : {DType::float32, DType::float64}) {
      Graph graph(dtype);
      const Tensor x(graph, graph.input("x", shape));
      const Tensor v(graph, graph.input("v", shape));
      const Tensor take = max_pool_take(x, v, how);
      const Tensor g(graph, graph.input("g", take.shape()));
      const Tensor put = max_pool_put(x, g, how);
      const auto selector = some_numbers(shape.elements(), 1), values = some_numbers(shape.elements(), 2),
                 gradient = some_numbers(take.shape().elements(), 3);
      const auto taken = make_kernel(graph, take.node());
      expect_close(*taken, dtype, {selector, values}, reference(take, {selector, values}), 1);
      const auto placed = make_kernel(graph, put.node());
      expect_close(*placed, dtype, {selector, gradient}, reference(put, {selector, gradient}), 1);
    }
  }
}

TEST(Resample, EqualsTheReference) {
  const Taps taps{
      .inputs = 5, .starts = {0, 2, 2, 5, 6}, .index = {0, 4, 1, 2, 3, 0}, .weight = {.5, 2, -1, .25, 3, 1}};
  for (const Taps& used : {taps, transposed(taps)}) {
    for (const int axis : {0, 1, 2}) {
      Shape shape{3, 4, 70};
      shape[axis] = used.inputs;
      for (const DType dtype : {DType::float32, DType::float64}) {
        Graph graph(dtype);
        const Tensor x(graph, graph.input("x", shape));
        const Tensor y = resample(x, axis, used);
        const auto values = some_numbers(shape.elements(), 1);
        expect_close(*make_kernel(graph, y.node()), dtype, {values}, reference(y, {values}), 3);
      }
    }
  }
  EXPECT_EQ(transposed(transposed(taps)), taps);
}

}  // namespace
}  // namespace duel
