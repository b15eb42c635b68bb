// Every op with a gradient: first and second derivatives against central differences.
#include <gmock/gmock.h>

#include <array>
#include <map>
#include <set>

#include "base/random.hpp"
#include "gradient/differentiate.hpp"
#include "ops/ops.hpp"
#include "ops/table.hpp"
#include "tests/support/gradient_check.hpp"

namespace duel {
namespace {

using Inputs = std::span<const Tensor>;
using Axes = std::vector<int64_t>;

struct OpCase {
  std::string op;    // the record that this case is about
  std::string what;  // which use of it
  GradientSubject subject;
  std::vector<HostTensor> inputs;
};

HostTensor positive(const Shape& shape, uint64_t seed) { return random_tensor(shape, seed, 0.5, 2); }

// An elementwise op of one input on numbers of both signs and away from 0.
HostTensor away_from_zero(const Shape& shape, uint64_t seed) {
  HostTensor tensor = positive(shape, seed);
  for (std::size_t i = 0; i < tensor.values.size(); i += 2) tensor.values[i] *= -1;
  return tensor;
}

GradientSubject unary(Tensor (*function)(const Tensor&)) {
  return [function](Graph&, Inputs x) { return function(x[0]); };
}

GradientSubject binary(Tensor (*function)(const Tensor&, const Tensor&)) {
  return [function](Graph&, Inputs x) { return function(x[0], x[1]); };
}

std::vector<OpCase> elementwise_cases() {
  const HostTensor a = away_from_zero({2, 3}, 1);
  const HostTensor b = away_from_zero({2, 3}, 2);
  const HostTensor row = away_from_zero({3}, 3);
  const HostTensor p = positive({2, 3}, 4);
  const HostTensor q = positive({2, 3}, 5);
  return {
      {"add", "", binary(operator+), {a, b}},
      {"add", "row", binary(operator+), {a, row}},
      {"subtract", "", binary(operator-), {a, b}},
      {"subtract", "row", binary(operator-), {row, a}},
      {"multiply", "", binary(operator*), {a, b}},
      {"multiply", "row", binary(operator*), {a, row}},
      {"multiply", "itself", [](Graph&, Inputs x) { return x[0] * x[0] * x[0]; }, {a}},
      {"divide", "", binary(operator/), {a, b}},
      {"divide", "by_row", binary(operator/), {a, row}},
      {"maximum", "", binary(maximum), {a, b}},
      {"maximum", "number", [](Graph&, Inputs x) { return maximum(x[0], 0.1); }, {a}},
      {"minimum", "", binary(minimum), {a, b}},
      {"minimum", "number", [](Graph&, Inputs x) { return minimum(x[0], 0.1); }, {a}},
      {"power", "", binary(power), {p, q}},
      {"power", "cube", [](Graph&, Inputs x) { return power(x[0], 3); }, {a}},
      {"power", "root", [](Graph&, Inputs x) { return power(x[0], 0.3); }, {p}},
      {"negate", "", unary(operator-), {a}},
      {"square", "", unary(square), {a}},
      {"sqrt", "", unary(sqrt), {p}},
      {"rsqrt", "", unary(rsqrt), {p}},
      {"reciprocal", "", unary(reciprocal), {a}},
      {"exp", "", unary(exp), {a}},
      {"log", "", unary(log), {p}},
      {"log1p", "", unary(log1p), {p}},
      {"tanh", "", unary(tanh), {a}},
      {"sigmoid", "", unary(sigmoid), {a}},
      {"softplus", "", unary(softplus), {a}},
      {"erf", "", unary(erf), {a}},
      {"sin", "", unary(sin), {a}},
      {"cos", "", unary(cos), {a}},
      {"abs", "", unary(abs), {a}},
      {"select", "", [](Graph&, Inputs x) { return select(greater(x[0], 0), x[0] * x[1], x[1]); }, {a, b}},
      {"select", "row", [](Graph&, Inputs x) { return select(greater(x[0], 0), x[1], x[0]); }, {a, row}},
  };
}

std::vector<OpCase> reduction_cases() {
  const HostTensor a = random_tensor({2, 3, 4}, 6);
  const HostTensor thin = random_tensor({2, 1, 4}, 7);
  return {
      {"broadcast",
       "rank",
       [](Graph&, Inputs x) {
         return broadcast(x[0], {3, 2, 1, 4});
       },
       {thin}},
      {"broadcast",
       "extent",
       [](Graph&, Inputs x) {
         return broadcast(x[0], {2, 3, 4});
       },
       {thin}},
      {"broadcast",
       "scalar",
       [](Graph&, Inputs x) {
         return broadcast(x[0], {2, 3});
       },
       {random_tensor({}, 8)}},
      {"sum", "all", [](Graph&, Inputs x) { return sum(x[0]); }, {a}},
      {"sum",
       "axes",
       [](Graph&, Inputs x) {
         return sum(x[0], Axes{0, 2});
       },
       {a}},
      {"sum", "keep", [](Graph&, Inputs x) { return sum(x[0], Axes{-2}, true); }, {a}},
      {"sum", "mean", [](Graph&, Inputs x) { return mean(x[0], Axes{1}); }, {a}},
      {"sum",
       "sum_to",
       [](Graph&, Inputs x) {
         return sum_to(x[0], {3, 1});
       },
       {a}},
      {"max", "all", [](Graph&, Inputs x) { return max(x[0], Axes{}); }, {a}},
      {"max",
       "axes",
       [](Graph&, Inputs x) {
         return max(x[0], Axes{0, 2});
       },
       {a}},
      {"max", "keep", [](Graph&, Inputs x) { return max(x[0], Axes{1}, true); }, {a}},
  };
}

std::vector<OpCase> movement_cases() {
  const HostTensor a = random_tensor({2, 3, 4}, 9);
  const HostTensor table = random_tensor({3, 2}, 10);
  const auto some_rows = [](Graph& graph) { return minimum(iota(graph, 5), 2) * 1.0; };  // 0 1 2 2 2
  const auto join = [](Graph&, Inputs x) {
    const Tensor parts[] = {x[0], x[1], x[0]};
    return concat(parts, -2);
  };
  return {
      {"reshape",
       "",
       [](Graph&, Inputs x) {
         return reshape(x[0], {4, 6});
       },
       {a}},
      {"permute",
       "",
       [](Graph&, Inputs x) {
         return permute(x[0], Axes{2, 0, 1});
       },
       {a}},
      {"permute", "transpose", unary(transpose), {a}},
      {"slice",
       "",
       [](Graph&, Inputs x) {
         return slice(x[0], Axes{0, 1, 1}, Axes{1, 3, 4});
       },
       {a}},
      {"slice", "axis", [](Graph&, Inputs x) { return slice(x[0], -1, 1, 3); }, {a}},
      {"pad",
       "",
       [](Graph&, Inputs x) {
         return pad(x[0], Axes{1, 0, 2}, Axes{0, 1, 1});
       },
       {a}},
      {"concat", "", join, {a, random_tensor({2, 1, 4}, 11)}},
      {"gather", "", [=](Graph& g, Inputs x) { return gather(x[0], some_rows(g)); }, {table}},
      {"scatter_add",
       "",
       [=](Graph& g, Inputs x) { return scatter_add(x[0], some_rows(g), 4); },
       {random_tensor({5, 2}, 12)}},
  };
}

std::vector<OpCase> contraction_cases() {
  std::vector<OpCase> cases;
  for (const bool batched : {false, true}) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        Shape a = transpose_a ? Shape{3, 2} : Shape{2, 3};
        Shape b = transpose_b ? Shape{4, 3} : Shape{3, 4};
        if (batched) {
          a = a.prepend(2);
          b = b.prepend(2);
        }
        cases.push_back(
            {"matmul",
             std::string(batched ? "batched" : "plain") + (transpose_a ? "_ta" : "") + (transpose_b ? "_tb" : ""),
             [=](Graph&, Inputs x) { return matmul(x[0], x[1], transpose_a, transpose_b); },
             {random_tensor(a, 13), random_tensor(b, 14)}});
      }
    }
  }
  return cases;
}

struct ConvolutionCase {
  std::string what;
  Shape images;
  Shape weight;
  Convolution how;
};

std::vector<ConvolutionCase> convolutions() {
  return {
      {"plain", {1, 4, 3, 2}, {3, 2, 2, 2}, {}},
      {"one_pixel", {2, 1, 1, 2}, {3, 3, 2, 1}, {.before = {1, 1}, .after = {1, 1}}},
      {"stride", {1, 5, 4, 1}, {3, 3, 1, 2}, {.stride = {2, 2}, .before = {1, 0}, .after = {1, 1}}},
      {"dilation", {1, 5, 4, 1}, {2, 2, 1, 2}, {.dilation = {3, 2}, .before = {0, 1}, .after = {1, 0}}},
      {"groups", {1, 3, 3, 4}, {2, 2, 2, 2}, {.before = {1, 0}, .after = {0, 1}, .groups = 2}},
      {"depthwise", {1, 3, 3, 2}, {2, 2, 1, 4}, {.stride = {1, 2}, .groups = 2}},
      {"pointwise", {2, 2, 2, 2}, {1, 1, 2, 3}, {}},
  };
}

std::vector<OpCase> convolution_cases() {
  std::vector<OpCase> cases;
  for (const auto& [what, images, weight, how] : convolutions()) {
    const Extent2 size{images[1], images[2]}, kernel{weight[0], weight[1]};
    const HostTensor x = random_tensor(images, 21), w = random_tensor(weight, 22);
    Graph graph;
    const Shape outputs =
        conv2d(Tensor(graph, graph.input("x", images)), Tensor(graph, graph.input("w", weight)), how).shape();
    const HostTensor y = random_tensor(outputs, 23);
    const bool is_product = what == "pointwise";
    cases.push_back({is_product ? "matmul" : "conv2d",
                     is_product ? "conv2d" : what,
                     [=](Graph&, Inputs in) { return conv2d(in[0], in[1], how); },
                     {x, w}});
    cases.push_back({is_product ? "matmul" : "conv2d_input_gradient",
                     is_product ? "conv2d_input_gradient" : what,
                     [=](Graph&, Inputs in) { return conv2d_input_gradient(in[0], in[1], size, how); },
                     {y, w}});
    cases.push_back({is_product ? "matmul" : "conv2d_weight_gradient",
                     is_product ? "conv2d_weight_gradient" : what,
                     [=](Graph&, Inputs in) { return conv2d_weight_gradient(in[0], in[1], kernel, how); },
                     {x, y}});
  }
  return cases;
}

std::vector<OpCase> window_cases() {
  const Taps taps{.inputs = 3, .starts = {0, 2, 2, 5}, .index = {0, 2, 0, 1, 2}, .weight = {.5, 2, -1, .25, 3}};
  const Pooling overlapping{.kernel = {3, 2}, .stride = {2, 1}, .before = {1, 0}, .after = {1, 1}};
  const HostTensor images = random_tensor({1, 4, 3, 2}, 24);
  return {
      {"resample", "", [=](Graph&, Inputs x) { return resample(x[0], -2, taps); }, {random_tensor({2, 3, 2}, 25)}},
      {"max_pool_take", "", [=](Graph&, Inputs x) { return max_pool(x[0], overlapping); }, {images}},
      {"max_pool_put",
       "",
       [=](Graph&, Inputs x) {
         return max_pool_put(sin(reshape(iota(x[0].graph(), 24), {1, 4, 3, 2})), x[0], overlapping);
       },
       {random_tensor({1, 2, 3, 2}, 26)}},
  };
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> all;
  for (auto make :
       {elementwise_cases, reduction_cases, movement_cases, contraction_cases, convolution_cases, window_cases}) {
    for (OpCase& one : make()) all.push_back(std::move(one));
  }
  return all;
}

class OpGradient : public testing::TestWithParam<OpCase> {};

TEST_P(OpGradient, FirstAndSecondOrder) {
  const OpCase& one = GetParam();
  EXPECT_TRUE(check_gradients(one.subject, one.inputs));
  // With something curved on both sides the rule's own derivative matters for linear ops too.
  const auto curved = [&](Graph& graph, Inputs x) {
    std::vector<Tensor> bent;
    for (const Tensor& input : x) bent.push_back(input + 0.1 * square(input));
    return sin(one.subject(graph, bent));
  };
  EXPECT_TRUE(check_gradients(curved, one.inputs));
}

TEST_P(OpGradient, CaseUsesItsOp) {
  const OpCase& one = GetParam();
  Graph graph;
  std::vector<Tensor> inputs;
  for (const HostTensor& value : one.inputs) {
    inputs.emplace_back(graph, graph.input(std::to_string(inputs.size()), value.shape));
  }
  one.subject(graph, inputs);
  bool used = false;
  for (uint32_t i = 0; i < graph.size(); ++i) used |= graph[NodeId{i}].op->name == one.op;
  EXPECT_TRUE(used);
}

INSTANTIATE_TEST_SUITE_P(Ops, OpGradient, testing::ValuesIn(all_cases()), [](const auto& test) {
  return test.param.op + (test.param.what.empty() ? "" : "_" + test.param.what);
});

// ⟨conv(x), y⟩ = ⟨x, conv's adjoint in x of y⟩ = ⟨w, adjoint in w⟩, over a grid of windows.
TEST(OpGradients, ConvolutionsAreEachOthersAdjoints) {
  int checked = 0;
  for (const int64_t height : {1, 2, 5, 8}) {
    for (const int64_t kernel : {1, 2, 3, 5}) {
      for (const int64_t stride : {1, 2, 3}) {
        for (const int64_t dilation : {1, 2}) {
          for (const int64_t groups : {1, 2}) {
            for (const auto& [before, after] : {std::pair<int64_t, int64_t>{0, 0}, {1, 1}, {0, 1}, {2, 4}}) {
              if (positions(height, kernel, stride, dilation, before, after) < 1) continue;
              const Convolution how{.stride = {stride, 1},
                                    .dilation = {dilation, 1},
                                    .before = {before, 1},
                                    .after = {after, 0},
                                    .groups = groups};
              const Shape images{2, height, 3, 4}, weight{kernel, 2, 4 / groups, 2};
              const HostTensor x = random_tensor(images, 31), w = random_tensor(weight, 32);
              const auto dot = [](const Tensor& a, const Tensor& b) { return sum(a * b); };
              const auto products = evaluate(
                  [&](Graph& graph, Inputs in) {
                    const Tensor y = conv2d(in[0], in[1], how);
                    const Tensor g = sin(reshape(iota(graph, y.shape().elements()), y.shape()));
                    const Tensor all[] = {reshape(dot(y, g), {1}),
                                          reshape(dot(in[0], conv2d_input_gradient(g, in[1], {height, 3}, how)), {1}),
                                          reshape(dot(in[1], conv2d_weight_gradient(in[0], g, {kernel, 2}, how)), {1})};
                    return concat(all, 0);
                  },
                  {x, w});
              ASSERT_NEAR(products.values[0], products.values[1], 1e-12 * (1 + std::abs(products.values[0])));
              ASSERT_NEAR(products.values[0], products.values[2], 1e-12 * (1 + std::abs(products.values[0])));
              ++checked;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(checked, 250);
}

// A convolution of an upsampled image is computed from the image before; behind a maximum that changes nothing, which
// hides where it comes from, it is not.
TEST(OpGradients, ConvolutionsOfUpsampledImagesAreThoseOfTheirPixels) {
  for (const int64_t factor : {2, 3}) {
    for (const Convolution& how :
         {Convolution{.before = {1, 1}, .after = {1, 1}}, Convolution{.before = {0, 1}, .after = {2, 1}},
          Convolution{.before = {2, 0}, .after = {0, 2}}}) {
      const auto upsampled = [&](const Tensor& x) {
        const Tensor thin = reshape(x, {2, 4, 1, 6, 1, 2});
        return reshape(broadcast(thin, {2, 4, factor, 6, factor, 2}), {2, 4 * factor, 6 * factor, 2});
      };
      const std::vector<HostTensor> inputs{random_tensor({2, 4, 6, 2}, 41), random_tensor({3, 3, 2, 2}, 42)};
      const auto fast = [&](Graph&, Inputs in) { return conv2d(upsampled(in[0]), in[1], how); };
      const auto plain = [&](Graph&, Inputs in) { return conv2d(maximum(upsampled(in[0]), -100), in[1], how); };
      const HostTensor a = evaluate(fast, inputs), b = evaluate(plain, inputs);
      ASSERT_EQ(a.shape, b.shape);
      for (std::size_t i = 0; i < a.values.size(); ++i) ASSERT_NEAR(a.values[i], b.values[i], 1e-13);
      if (factor == 2) {
        EXPECT_TRUE(check_gradients(fast, inputs));
      }
      Graph graph;
      const Tensor x(graph, graph.input("x", {2, 4, 6, 2})), w(graph, graph.input("w", {3, 3, 2, 2}));
      conv2d(upsampled(x), w, how);
      double products = 0;
      for (uint32_t i = 0; i < graph.size(); ++i) {
        const Node& node = graph[NodeId{i}];
        if (node.op != find_op("conv2d")) continue;
        const std::array shapes{graph[node.inputs[0]].shape, graph[node.inputs[1]].shape};
        products += node.op->flops(node, shapes);
      }
      const double all = 2.0 * 2 * 4 * 6 * static_cast<double>(factor * factor) * 9 * 2 * 2;
      EXPECT_LE(products, all * 4 / 9);
    }
  }
}

TEST(OpGradients, EveryOpWithAGradientHasACase) {
  std::set<std::string_view> covered;
  const auto cases = all_cases();
  for (const OpCase& one : cases) covered.insert(one.op);
  for (const Op* op : all_ops()) EXPECT_EQ(op->gradient != nullptr, covered.contains(op->name)) << op->name;
}

TEST(OpGradients, TheOpsWithoutAGradientAreKnown) {
  std::set<std::string_view> names;
  for (const Op* op : all_ops()) {
    if (op->gradient == nullptr) names.insert(op->name);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("input", "variable", "assign", "constant", "iota", "random_uniform",
                                                   "random_normal", "stop_gradient", "sign", "floor", "greater",
                                                   "greater_equal", "less", "less_equal", "equal", "not_equal"));
}

TEST(GradientCheck, CatchesAWrongDerivative) {
  // stop_gradient hides half of the derivative of x², as a wrong rule would.
  const auto wrong = [](Graph&, Inputs x) { return x[0] * stop_gradient(x[0]); };
  const auto result = check_gradients(wrong, {away_from_zero({2}, 16)});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), testing::HasSubstr("order 1: the derivative by element 0 of '0' is"));
}

// With `still` following x, the value is x² and the first derivative 2x; the rule for the second gives 1/2.
TEST(GradientCheck, CatchesAWrongSecondDerivative) {
  const auto wrong = [](Graph&, Inputs x) {
    const Tensor still = stop_gradient(x[0]);
    return 2 * (x[0] * still) - square(still) + square(x[0] - still) * 0.25;
  };
  GradientCheckOptions first;
  first.orders = 1;
  EXPECT_TRUE(check_gradients(wrong, {away_from_zero({2}, 17)}, first));
  const auto result = check_gradients(wrong, {away_from_zero({2}, 17)});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), testing::HasSubstr("order 2"));
}

TEST(GradientCheck, ChecksVariables) {
  const auto wrong = [](Graph& graph, Inputs x) {
    const Tensor weight(graph, graph.variable("weight", {2}));
    return x[0] * stop_gradient(weight);
  };
  const auto result = check_gradients(wrong, {away_from_zero({2}, 18)});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), testing::HasSubstr("of 'weight'"));
}

}  // namespace
}  // namespace duel
