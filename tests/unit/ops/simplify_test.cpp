// What the functions leave out because it changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/ops.hpp"
#include "ops/records.hpp"

namespace duel {
namespace {

using Axes = std::vector<int64_t>;

class Simplify : public testing::Test {
 protected:
  Graph graph;
  Tensor x{graph, graph.input("x", {2, 3})};
  Tensor row{graph, graph.input("row", {3})};
  Tensor zero = constant(graph, 0, {3});
  Tensor one = constant(graph, 1, {3});
};

TEST_F(Simplify, NeutralNumbers) {
  EXPECT_EQ(x + 0, x);
  EXPECT_EQ(0 + x, x);
  EXPECT_EQ(zero + x, x);
  EXPECT_EQ(x - 0, x);
  EXPECT_EQ(x * 1, x);
  EXPECT_EQ(one * x, x);
  EXPECT_EQ(x / one, x);
  EXPECT_EQ(power(x, 1), x);
  EXPECT_EQ(power(x, 2), square(x));
  EXPECT_EQ(power(x, 0), constant_like(x, 1));
}

TEST_F(Simplify, NeutralNumbersStillBroadcast) {
  EXPECT_EQ((row + constant(graph, 0, {2, 3})).shape(), (Shape{2, 3}));
  EXPECT_EQ((row * constant(graph, 1, {2, 1})).shape(), (Shape{2, 3}));
}

TEST_F(Simplify, ZeroTimesAnythingIsZeros) {
  EXPECT_EQ(x * zero, constant(graph, 0, {2, 3}));
  EXPECT_EQ(0 * row, constant(graph, 0, {3}));
  EXPECT_EQ(matmul(constant(graph, 0, {4, 2}), x), constant(graph, 0, {4, 3}));
  EXPECT_EQ(pad(zero, Axes{1}, Axes{1}), constant(graph, 0, {5}));
}

TEST_F(Simplify, DoesNotTakeOtherNumbersForNeutral) {
  EXPECT_NE(0 - x, x);
  EXPECT_NE(1 / x, x);
  EXPECT_NE(x + 1e-300, x);
  EXPECT_NE(x * (1 + 1e-15), x);
  EXPECT_NE(matmul(constant(graph, 1, {4, 2}), x).node().op, &constant_op());
}

TEST_F(Simplify, ConstantsAreFolded) {
  EXPECT_EQ(constant_value(exp(one) * 2 - 1), 2 * std::exp(1.0) - 1);
  EXPECT_EQ(constant_value(select(one, zero, one * 5)), 0);
  EXPECT_EQ(select(one, row, x), broadcast(row, {2, 3}));
  EXPECT_EQ(select(x, row, row), broadcast(row, {2, 3}));
  EXPECT_EQ(constant_value(sum(one * 2)), 6);
  EXPECT_EQ(constant_value(mean(one * 2)), 2);
  EXPECT_EQ(max(one, Axes{0}, true), constant(graph, 1, {1}));
  EXPECT_EQ(broadcast(one, {2, 3}), constant(graph, 1, {2, 3}));
  EXPECT_EQ(reshape(one, {3, 1}), constant(graph, 1, {3, 1}));
  EXPECT_EQ(permute(constant(graph, 2, {2, 3}), Axes{1, 0}), constant(graph, 2, {3, 2}));
  EXPECT_EQ(slice(one, 0, 0, 2), constant(graph, 1, {2}));
  EXPECT_EQ(stop_gradient(one), one);
  EXPECT_EQ(constant_value(x), std::nullopt);
}

TEST_F(Simplify, WhatMovesNothingIsLeftOut) {
  EXPECT_EQ(broadcast(x, {2, 3}), x);
  EXPECT_EQ(reshape(x, {2, 3}), x);
  EXPECT_EQ(permute(x, Axes{0, 1}), x);
  EXPECT_EQ(slice(x, Axes{0, 0}, Axes{2, 3}), x);
  EXPECT_EQ(pad(x, Axes{0, 0}, Axes{0, 0}), x);
  EXPECT_EQ(concat(std::span(&x, 1), 1), x);
  EXPECT_EQ(sum_to(x, {2, 3}), x);
}

TEST_F(Simplify, ReductionsOverNothing) {
  const Tensor scalar(graph, graph.input("scalar", {}));
  EXPECT_EQ(sum(scalar), scalar);
  EXPECT_EQ(mean(scalar), scalar);
  EXPECT_EQ(max(scalar, Axes{}), scalar);
  const Tensor thin(graph, graph.input("thin", {2, 1}));
  EXPECT_EQ(sum(thin, Axes{1}, true), thin);
  EXPECT_EQ(max(thin, Axes{1}), reshape(thin, {2}));
}

TEST_F(Simplify, ChainsOfOneKindBecomeOne) {
  EXPECT_EQ(broadcast(broadcast(row, {1, 3}), {4, 2, 3}), broadcast(row, {4, 2, 3}));
  EXPECT_EQ(reshape(reshape(x, {6}), {3, 2}), reshape(x, {3, 2}));
  EXPECT_EQ(reshape(reshape(x, {6}), {2, 3}), x);
  EXPECT_EQ(transpose(transpose(x)), x);
  const Tensor cube(graph, graph.input("cube", {2, 3, 4}));
  EXPECT_EQ(permute(permute(cube, Axes{1, 2, 0}), Axes{1, 0, 2}), permute(cube, Axes{2, 1, 0}));
  EXPECT_EQ(-(-x), x);
  EXPECT_EQ(stop_gradient(stop_gradient(x)), stop_gradient(x));
}

}  // namespace
}  // namespace duel
