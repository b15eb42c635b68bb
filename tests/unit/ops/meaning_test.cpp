// What the ops that are not elementwise compute, against values worked out by hand.
#include <gmock/gmock.h>

#include <limits>
#include <numeric>
#include <set>

#include "base/random.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/table.hpp"
#include "tests/support/gradient_check.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using Inputs = std::span<const Tensor>;
using Axes = std::vector<int64_t>;

// 0, 1, 2, …
HostTensor counting(const Shape& shape) {
  HostTensor tensor{shape, std::vector<double>(static_cast<std::size_t>(shape.elements()))};
  std::iota(tensor.values.begin(), tensor.values.end(), 0.0);
  return tensor;
}

TEST(OpTable, IsComplete) {
  std::set<std::string_view> names;
  for (const Op* op : all_ops()) {
    EXPECT_TRUE(names.insert(op->name).second) << op->name << " is there twice";
    EXPECT_EQ(find_op(op->name), op);
    EXPECT_NE(op->shape, nullptr) << op->name;
    EXPECT_NE(op->flops, nullptr) << op->name;
    EXPECT_EQ(op->scalar != nullptr, op->kind == OpKind::elementwise) << op->name;
    const bool state = op == &input_op() || op == &variable_op() || op == &assign_op();
    EXPECT_EQ(op->reference == nullptr, state) << op->name;
  }
  EXPECT_EQ(find_op("no such op"), nullptr);
}

TEST(Source, ConstantsAndCounts) {
  EXPECT_THAT(evaluate([](Graph& g, Inputs) { return constant(g, 2.5, {2}); }).values, ElementsAre(2.5, 2.5));
  EXPECT_THAT(evaluate([](Graph& g, Inputs) { return iota(g, 4); }).values, ElementsAre(0, 1, 2, 3));
}

TEST(Broadcast, RepeatsAlongNewAndSingleAxes) {
  const auto result = evaluate([](Graph&, Inputs x) { return broadcast(x[0], {2, 2, 3}); }, {counting({2, 1})});
  EXPECT_THAT(result.values, ElementsAre(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1));
}

TEST(Reduction, SumsAndAverages) {
  const std::vector<HostTensor> a{counting({2, 3, 2})};
  const auto over = [&](auto function) { return evaluate(function, a); };
  EXPECT_THAT(over([](Graph&, Inputs x) { return sum(x[0]); }).values, ElementsAre(66));
  EXPECT_THAT(over([](Graph&, Inputs x) { return sum(x[0], Axes{1}); }).values, ElementsAre(6, 9, 24, 27));
  EXPECT_THAT(over([](Graph&, Inputs x) { return sum(x[0], Axes{-1, 0}); }).values, ElementsAre(14, 22, 30));
  EXPECT_THAT(over([](Graph&, Inputs x) { return mean(x[0], Axes{0}); }).values, ElementsAre(3, 4, 5, 6, 7, 8));
  const HostTensor kept = over([](Graph&, Inputs x) { return mean(x[0], Axes{1}, true); });
  EXPECT_EQ(kept.shape, (Shape{2, 1, 2}));
  EXPECT_THAT(kept.values, ElementsAre(2, 3, 8, 9));
  EXPECT_EQ(over([](Graph&, Inputs x) { return mean(x[0]); }).shape, Shape{});
}

TEST(Reduction, SumOverNoElementsIsZero) {
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return sum(x[0], Axes{0}); }, {counting({0, 2})}).values,
              ElementsAre(0, 0));
}

TEST(Reduction, Max) {
  const std::vector<HostTensor> a{{{2, 3}, {-5, -1, -3, 4, 9, 2}}};
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return max(x[0], Axes{1}); }, a).values, ElementsAre(-1, 9));
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return max(x[0], Axes{0}, true); }, a).shape, (Shape{1, 3}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return max(x[0], Axes{1}); }, {{{2, 2}, {nan, 1, 1, nan}}}).values,
              testing::Each(testing::IsNan()));
}

TEST(Reduction, SumToUndoesABroadcast) {
  const HostTensor result = evaluate([](Graph&, Inputs x) { return sum_to(x[0], {3, 1}); }, {counting({2, 3, 2})});
  EXPECT_EQ(result.shape, (Shape{3, 1}));
  EXPECT_THAT(result.values, ElementsAre(14, 22, 30));
}

TEST(Movement, Permutes) {
  const HostTensor result = evaluate(
      [](Graph&, Inputs x) {
        return permute(x[0], Axes{2, 0, 1});
      },
      {counting({2, 2, 3})});
  EXPECT_EQ(result.shape, (Shape{3, 2, 2}));
  EXPECT_THAT(result.values, ElementsAre(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11));
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return transpose(x[0]); }, {counting({2, 3})}).values,
              ElementsAre(0, 3, 1, 4, 2, 5));
}

TEST(Movement, SlicesPadsAndJoins) {
  EXPECT_THAT(evaluate(
                  [](Graph&, Inputs x) {
                    return slice(x[0], Axes{1, 1}, Axes{3, 2});
                  },
                  {counting({3, 2})})
                  .values,
              ElementsAre(3, 5));
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return slice(x[0], -1, 0, 1); }, {counting({3, 2})}).values,
              ElementsAre(0, 2, 4));
  EXPECT_THAT(evaluate(
                  [](Graph&, Inputs x) {
                    return pad(x[0] + 1, Axes{0, 1}, Axes{1, 0});
                  },
                  {counting({1, 2})})
                  .values,
              ElementsAre(0, 1, 2, 0, 0, 0));
  const auto join = [](Graph&, Inputs x) { return concat(x, -1); };
  EXPECT_THAT(evaluate(join, {counting({2, 2}), counting({2, 1})}).values, ElementsAre(0, 1, 0, 2, 3, 1));
}

TEST(Movement, GathersAndScattersWithClampedIndices) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const HostTensor indices{{5}, {2, 0, -7, 1e30, nan}};
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return gather(x[0], x[1]); }, {counting({3, 2}), indices}).values,
              ElementsAre(4, 5, 0, 1, 0, 1, 4, 5, 0, 1));
  EXPECT_THAT(evaluate([](Graph&, Inputs x) { return scatter_add(x[0], x[1], 4); }, {counting({5, 1}), indices}).values,
              ElementsAre(1 + 2 + 4, 0, 0, 3));
}

TEST(Matmul, MultipliesInEveryOrientation) {
  // [[0 1 2] [3 4 5]] × [[0 1] [2 3] [4 5]] = [[10 13] [28 40]]
  const HostTensor a = counting({2, 3});
  const HostTensor b = counting({3, 2});
  const HostTensor a_transposed{{3, 2}, {0, 3, 1, 4, 2, 5}};
  const HostTensor b_transposed{{2, 3}, {0, 2, 4, 1, 3, 5}};
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const auto product = [=](Graph&, Inputs x) { return matmul(x[0], x[1], ta, tb); };
      EXPECT_THAT(evaluate(product, {ta ? a_transposed : a, tb ? b_transposed : b}).values,
                  ElementsAre(10, 13, 28, 40));
    }
  }
}

TEST(Matmul, MultipliesBatches) {
  const auto product = [](Graph&, Inputs x) { return matmul(x[0], x[1], false, true); };
  const HostTensor result = evaluate(product, {counting({2, 1, 2}), counting({2, 2, 2})});
  EXPECT_EQ(result.shape, (Shape{2, 1, 2}));
  EXPECT_THAT(result.values, ElementsAre(1, 3, 4 * 2 + 5 * 3, 6 * 2 + 7 * 3));
}

TEST(Matmul, CountsMultiplyAdds) {
  Graph graph;
  const Tensor a(graph, graph.input("a", {5, 3, 4}));
  const Tensor b(graph, graph.input("b", {5, 7, 4}));
  const std::vector<Shape> shapes{a.shape(), b.shape()};
  EXPECT_EQ(matmul_op().flops(matmul(a, b, false, true).node(), shapes), 2.0 * 5 * 3 * 4 * 7);
}

TEST(Random, DrawsTheDocumentedNumbers) {
  const uint64_t key = stream_key(7, 1, "noise");
  const ReferenceContext context{.step = 9, .dtype = DType::float32};
  const DrawClock clock{.step = 9, .turn = 2, .repeat = 3};
  const RandomSource source{.key = key, .turn = 2, .repeat = 3};
  const auto uniform = evaluate([&](Graph& g, Inputs) { return random_uniform(g, source, {2, 5}); }, {}, context);
  const auto normal = evaluate([&](Graph& g, Inputs) { return random_normal(g, source, {11}); }, {}, context);
  for (std::size_t i = 0; i < uniform.values.size(); ++i) {
    EXPECT_EQ(uniform.values[i], uniform_float(random_bits(key, clock, i / 4)[i % 4]));
  }
  for (std::size_t i = 0; i < normal.values.size(); ++i) {
    const auto words = random_bits(key, clock, i / 4);
    const auto pair = i % 4 < 2 ? normal_pair(words[0], words[1]) : normal_pair(words[2], words[3]);
    EXPECT_EQ(normal.values[i], static_cast<float>(pair[i % 2]));
  }
}

TEST(Random, DoublePrecisionAndOtherClocksDrawOtherNumbers) {
  const RandomSource source{.key = 5};
  const auto draw = [](const RandomSource& from, const ReferenceContext& context) {
    return evaluate([&](Graph& g, Inputs) { return random_uniform(g, from, {4}); }, {}, context).values;
  };
  const auto first = draw(source, {});
  EXPECT_EQ(first[3], uniform_double(random_bits(5, {}, 0)[3]));
  EXPECT_EQ(first, draw(source, {}));
  EXPECT_NE(first, draw(source, {.step = 1}));
  EXPECT_NE(first, draw({.key = 6}, {}));
  EXPECT_NE(first, draw({.key = 5, .turn = 1}, {}));
  EXPECT_NE(first, draw({.key = 5, .repeat = 1}, {}));
}

TEST(Random, StreamsAreToldApartAndSharedByTheirSource) {
  Graph graph;
  const Tensor one = random_normal(graph, {.key = 1}, {3});
  EXPECT_EQ(one, random_normal(graph, {.key = 1}, {3}));
  EXPECT_NE(one, random_normal(graph, {.key = 2}, {3}));
  EXPECT_NE(one, random_normal(graph, {.key = 1, .repeat = 1}, {3}));
}

TEST(Interpret, ReadsAndWritesVariables) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {2}));
  const Tensor before(graph, graph.variable("w", {2}));
  const Tensor after(graph, graph.assign("w", (before - x).id()));
  graph.variable("unused", {1});
  graph.add_output("sum", sum(before * 10 + after).id());
  const auto result = interpret(graph, {{"x", {{2}, {1, 2}}}}, {{"w", {{2}, {5, 6}}}, {"unused", {{1}, {3}}}});
  EXPECT_THAT(result.outputs.at("sum").values, ElementsAre(118));
  EXPECT_THAT(result.variables.at("w").values, ElementsAre(4, 4));
  EXPECT_THAT(result.variables.at("unused").values, ElementsAre(3));
}

}  // namespace
}  // namespace duel
