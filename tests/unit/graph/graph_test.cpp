#include "graph/graph.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <limits>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

using testing::ElementsAre;

TEST(Attributes, AreASetByName) {
  const Attributes a{{"keep", true}, {"axes", std::vector<int64_t>{0, 1}}};
  const Attributes b{{"axes", std::vector<int64_t>{0, 1}}, {"keep", true}};
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.hash(), b.hash());
  EXPECT_EQ(to_string(a), "{axes=[0, 1], keep=true}");
  EXPECT_EQ(to_string(Attributes{}), "");
  EXPECT_TRUE(a.flag("keep"));
  EXPECT_TRUE(a.has("axes"));
  EXPECT_FALSE(a.has("axe"));
  EXPECT_THROW((Attributes{{"a", true}, {"a", false}}), InternalError);
}

TEST(Attributes, ChecksNamesAndTypes) {
  const Attributes a{{"value", 0.1}, {"count", int64_t{3}}, {"name", "x"}};
  EXPECT_EQ(a.number("value"), 0.1);
  EXPECT_EQ(a.integer("count"), 3);
  EXPECT_EQ(a.text("name"), "x");
  EXPECT_EQ(to_string(a), "{count=3, name=x, value=0.1}");
  EXPECT_THROW(a.number("count"), InternalError);
  EXPECT_THROW(a.integers("shape"), InternalError);
}

TEST(Attributes, CompareDoublesByBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE((Attributes{{"value", 0.0}}), (Attributes{{"value", -0.0}}));
  EXPECT_EQ((Attributes{{"value", nan}}), (Attributes{{"value", nan}}));
  EXPECT_NE((Attributes{{"value", 1.0}}), (Attributes{{"value", int64_t{1}}}));
}

TEST(Graph, GivesTheSameNodeForTheSameQuestion) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {2, 3}));
  const Tensor y(graph, graph.input("y", {2, 3}));
  const Tensor first = tanh(x * y);
  const std::size_t size = graph.size();
  EXPECT_EQ(tanh(x * y), first);
  EXPECT_EQ(graph.size(), size);
  EXPECT_NE(x - y, y - x);
  EXPECT_NE(constant(graph, 1, {2}), constant(graph, 1, {3}));
  EXPECT_NE(constant(graph, 1, {2}), constant(graph, 2, {2}));
}

TEST(Graph, TakesNoOtherNodeForEqual) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {2, 3, 4}));
  const int64_t first[] = {0};
  const int64_t second[] = {1};
  EXPECT_NE(sum(x, first), sum(x, second));
  EXPECT_NE(sum(x, first), max(x, first));
  EXPECT_NE(exp(x), log(x));
}

TEST(Graph, ShapesAndTypesAreThoseOfTheRule) {
  Graph graph(DType::float64);
  const Tensor a(graph, graph.input("a", {5, 3}));
  const Tensor b(graph, graph.variable("b", {4, 3}));
  const Tensor product = matmul(a, b, false, true);
  EXPECT_EQ(product.shape(), (Shape{5, 4}));
  EXPECT_EQ(product.node().dtype, DType::float64);
}

TEST(Graph, InputsAreDeclaredOnce) {
  Graph graph;
  const NodeId x = graph.input("x", {2});
  EXPECT_EQ(graph.input("x", {2}), x);
  EXPECT_EQ(graph.inputs().size(), 1u);
  EXPECT_THROW(graph.input("x", {3}), InternalError);
}

TEST(Graph, ReadsBeforeAndAfterAnAssignmentDiffer) {
  Graph graph;
  const NodeId before = graph.variable("w", {2});
  EXPECT_EQ(graph.variable("w", {2}), before);
  const NodeId x = graph.input("x", {2});
  const NodeId after = graph.assign("w", x);
  EXPECT_NE(after, before);
  EXPECT_NE(after, x);
  EXPECT_EQ(graph.variable("w", {2}), after);
  const Variable* w = graph.find_variable("w");
  ASSERT_NE(w, nullptr);
  EXPECT_EQ(w->initial, before);
  EXPECT_EQ(w->latest, after);
  EXPECT_EQ(graph.find_variable("v"), nullptr);
}

TEST(Graph, AssigningTheSameValueAgainMakesAnotherVersion) {
  Graph graph;
  graph.variable("w", {2});
  const NodeId x = graph.input("x", {2});
  const NodeId first = graph.assign("w", x);
  const NodeId second = graph.assign("w", x);
  EXPECT_NE(first, second);
  EXPECT_EQ(graph[first].attributes.integer("version"), 1);
  EXPECT_EQ(graph[second].attributes.integer("version"), 2);
}

TEST(Graph, AssigningOneValueToTwoVariablesMakesTwoNodes) {
  Graph graph;
  graph.variable("v", {2});
  graph.variable("w", {2});
  const NodeId x = graph.input("x", {2});
  EXPECT_NE(graph.assign("v", x), graph.assign("w", x));
}

TEST(Graph, RefusesMisuse) {
  Graph graph;
  const NodeId x = graph.input("x", {2});
  graph.variable("w", {3});
  EXPECT_THROW(graph.variable("w", {2}), InternalError);
  EXPECT_THROW(graph.assign("w", x), InternalError);
  EXPECT_THROW(graph.assign("v", x), InternalError);
  EXPECT_THROW(graph[NodeId{99}], InternalError);
  EXPECT_THROW(graph[NodeId{}], InternalError);
  EXPECT_THROW(graph.add_output("y", NodeId{99}), InternalError);
  graph.add_output("y", x);
  EXPECT_THROW(graph.add_output("y", x), InternalError);
  EXPECT_THROW(graph.add(assign_op(), {}), InternalError);
  Graph other;
  EXPECT_THROW(Tensor(graph, x) + Tensor(other, other.input("x", {2})), InternalError);
  EXPECT_THROW(exp(Tensor()), InternalError);
}

TEST(Graph, LiveNodesAreWhatTheRootsNeed) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {2}));
  const Tensor w(graph, graph.variable("w", {2}));
  const Tensor dead = exp(x);
  const Tensor used = sin(x);
  const NodeId overwritten = graph.assign("w", dead.id());
  const NodeId latest = graph.assign("w", used.id());
  const Tensor loss = sum(used);
  graph.add_output("loss", loss.id());
  graph.add_output("same", loss.id());
  EXPECT_THAT(graph.roots(), ElementsAre(loss.id(), latest));
  EXPECT_THAT(graph.live_nodes(), ElementsAre(x.id(), used.id(), latest, loss.id()));
  EXPECT_THAT(graph.live_nodes(), testing::Not(testing::Contains(overwritten)));
  EXPECT_THAT(graph.live_nodes(), testing::Not(testing::Contains(w.id())));
}

}  // namespace
}  // namespace duel
