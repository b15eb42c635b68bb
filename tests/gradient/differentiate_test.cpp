// What differentiate promises beyond the rules of single ops.
#include "gradient/differentiate.hpp"

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "graph/verify.hpp"
#include "ops/ops.hpp"
#include "tests/support/gradient_check.hpp"

namespace duel {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using Inputs = std::span<const Tensor>;
using Axes = std::vector<int64_t>;

Tensor derivative(const Tensor& scalar, const Tensor& by) {
  const Tensor wrt[] = {by};
  return differentiate(scalar, wrt)[0];
}

HostTensor vector_of(std::vector<double> values) {
  const auto size = static_cast<int64_t>(values.size());
  return {{size}, std::move(values)};
}

int count_nodes(const Graph& graph, std::string_view op) {
  int count = 0;
  for (uint32_t i = 0; i < graph.size(); ++i) count += graph[NodeId{i}].op->name == op;
  return count;
}

TEST(Differentiate, GivesZerosWhereNothingLeads) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {2, 3}));
  const Tensor y(graph, graph.input("y", {4}));
  const Tensor zero = derivative(sum(x), y);
  EXPECT_EQ(constant_value(zero), 0.0);
  EXPECT_EQ(zero.shape(), (Shape{4}));
}

TEST(Differentiate, OfItselfIsOne) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {}));
  EXPECT_EQ(constant_value(derivative(x, x)), 1.0);
}

TEST(Differentiate, LooksAtNothingBeforeTheIndependentVariables) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {3}));
  const Tensor y = exp(x);
  const Tensor wrt[] = {x, y};
  const auto gradients = differentiate(sum(y * x), wrt);
  // By x with y held still: y. By y: x.
  EXPECT_EQ(gradients[0], y);
  EXPECT_EQ(gradients[1], x);
}

TEST(Differentiate, BuildsNothingForUnwantedInputs) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {5, 3}));
  const Tensor w(graph, graph.variable("w", {3, 2}));
  const Tensor loss = sum(matmul(tanh(x), w));
  derivative(loss, w);
  EXPECT_EQ(count_nodes(graph, "matmul"), 2);  // the product and its derivative by w, none by tanh(x)
  EXPECT_EQ(count_nodes(graph, "square"), 0);  // and none of tanh
}

TEST(Differentiate, BuildsTheSameNodesEachTime) {
  Graph graph;
  const Tensor x(graph, graph.input("x", {3}));
  const Tensor loss = sum(tanh(x) * x + exp(x) * sin(x));
  const Tensor first = derivative(loss, x);
  const std::size_t size = graph.size();
  EXPECT_EQ(derivative(loss, x), first);
  EXPECT_EQ(graph.size(), size);
}

TEST(Differentiate, StopsAtBarriers) {
  const auto slope = [](Graph&, Inputs x) { return derivative(sum(square(x[0]) * stop_gradient(x[0])), x[0]); };
  EXPECT_THAT(evaluate(slope, {vector_of({3, -2})}).values, ElementsAre(18, 8));
}

// As in a program that updates in place: what a loss owes to an earlier update is not differentiated.
TEST(Differentiate, TakesEarlierUpdatesOfVariablesAsConstants) {
  Graph graph(DType::float64);
  const Tensor first(graph, graph.variable("w", {}));
  const Tensor second(graph, graph.assign("w", (first * 3).id()));
  const Tensor loss = square(second) * first;
  graph.add_output("by_first", derivative(loss, first).id());
  graph.add_output("by_second", derivative(loss, second).id());
  const auto outputs = interpret(graph, {}, {{"w", {{}, {2}}}}).outputs;
  EXPECT_DOUBLE_EQ(outputs.at("by_first").values[0], 36);            // w₂²
  EXPECT_DOUBLE_EQ(outputs.at("by_second").values[0], 2 * 6.0 * 2);  // 2 w₂ w
}

TEST(Differentiate, SharesTiesOfMaximum) {
  const auto both = [](Graph&, Inputs x) {
    const auto gradients = differentiate(sum(maximum(x[0], x[1])), x);
    const Tensor parts[] = {gradients[0], gradients[1]};
    return concat(parts, 0);
  };
  EXPECT_THAT(evaluate(both, {vector_of({1, 2, 0}), vector_of({1, 1, 3})}).values, ElementsAre(0.5, 1, 0, 0.5, 0, 1));
}

TEST(Differentiate, SharesTiesOfMax) {
  const auto slope = [](Graph&, Inputs x) { return derivative(sum(max(x[0], Axes{1})), x[0]); };
  EXPECT_THAT(evaluate(slope, {{{2, 4}, {1, 3, 3, 0, 5, 5, 5, 5}}}).values,
              ElementsAre(0, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25));
}

TEST(Differentiate, ThirdOrder) {
  GradientCheckOptions options;
  options.orders = 3;
  const auto subject = [](Graph&, Inputs x) { return tanh(matmul(x[0], x[1])); };
  EXPECT_TRUE(check_gradients(subject, {random_tensor({2, 3}, 1), random_tensor({3, 2}, 2)}, options));
}

// (‖∂D/∂x‖ − 1)² of a small critic, differentiated by the critic's weights: the gradient penalty of WGAN-GP.
TEST(Differentiate, GradientPenalty) {
  const auto penalty = [](Graph& graph, Inputs x) {
    const Tensor w1(graph, graph.variable("w1", {3, 4}));
    const Tensor w2(graph, graph.variable("w2", {4, 1}));
    const Tensor score = sum(matmul(tanh(matmul(x[0], w1)), w2));
    const Tensor norm = sqrt(sum(square(derivative(score, x[0])), Axes{1}) + 1e-12);
    return mean(square(norm - 1));
  };
  EXPECT_TRUE(check_gradients(penalty, {random_tensor({2, 3}, 3)}));
}

TEST(VectorJacobian, AddsTheOutputs) {
  const auto pull_back = [](Graph&, Inputs x) {
    const Tensor outputs[] = {square(x[0]), x[0] * 3};
    const Tensor seeds[] = {x[1], x[2]};
    const Tensor wrt[] = {x[0]};
    return vector_jacobian(outputs, seeds, wrt)[0];
  };
  const HostTensor result = evaluate(pull_back, {vector_of({2, 3}), vector_of({1, -1}), vector_of({10, 20})});
  EXPECT_THAT(result.values, ElementsAre(34, 54));
}

TEST(VectorJacobian, RefusesWhatDoesNotFit) {
  Graph graph;
  Graph other;
  const Tensor x(graph, graph.input("x", {2}));
  const Tensor y(other, other.input("x", {2}));
  const Tensor wrong_seed(graph, graph.input("seed", {3}));
  EXPECT_THROW(differentiate(x, std::span(&x, 1)), InternalError);
  EXPECT_THROW(differentiate(sum(y), std::span(&x, 1)), InternalError);
  EXPECT_THROW(vector_jacobian(std::span(&x, 1), std::span(&wrong_seed, 1), std::span(&x, 1)), InternalError);
}

// ⟨A u, v⟩ = ⟨u, Aᵀ v⟩ for the linear ops, with Aᵀ as the gradient rule gives it.
struct LinearMap {
  const char* name;
  Shape from;
  Tensor (*apply)(const Tensor&);
};

class Adjoint : public testing::TestWithParam<LinearMap> {};

TEST_P(Adjoint, MovesAcrossTheInnerProduct) {
  const LinearMap& map = GetParam();
  Graph shapes;
  const Shape to = map.apply(Tensor(shapes, shapes.input("u", map.from))).shape();
  const std::vector<HostTensor> uv{random_tensor(map.from, 21), random_tensor(to, 22)};
  const auto forward = [&](Graph&, Inputs x) { return sum(map.apply(x[0]) * x[1]); };
  const auto backward = [&](Graph&, Inputs x) {
    const Tensor outputs[] = {map.apply(x[0])};
    return sum(x[0] * vector_jacobian(outputs, x.subspan(1), x.first(1))[0]);
  };
  EXPECT_THAT(evaluate(backward, uv).values[0], DoubleNear(evaluate(forward, uv).values[0], 1e-12));
}

Tensor repeated_rows(const Tensor& like) { return minimum(iota(like.graph(), 6), 3); }

INSTANTIATE_TEST_SUITE_P(
    LinearOps, Adjoint,
    testing::Values(LinearMap{"reshape",
                              {4, 6},
                              [](const Tensor& a) {
                                return reshape(a, {3, 8});
                              }},
                    LinearMap{"permute",
                              {2, 3, 4},
                              [](const Tensor& a) {
                                return permute(a, Axes{1, 2, 0});
                              }},
                    LinearMap{"slice",
                              {4, 5},
                              [](const Tensor& a) {
                                return slice(a, Axes{1, 2}, Axes{3, 5});
                              }},
                    LinearMap{"pad",
                              {2, 3},
                              [](const Tensor& a) {
                                return pad(a, Axes{0, 2}, Axes{3, 1});
                              }},
                    LinearMap{"concat",
                              {2, 3},
                              [](const Tensor& a) {
                                const Tensor parts[] = {a, a * 2.0};
                                return concat(parts, 1);
                              }},
                    LinearMap{"broadcast",
                              {3, 1},
                              [](const Tensor& a) {
                                return broadcast(a, {2, 3, 4});
                              }},
                    LinearMap{"sum",
                              {2, 3, 4},
                              [](const Tensor& a) {
                                return sum(a, Axes{0, 2});
                              }},
                    LinearMap{"sum_to",
                              {2, 3, 4},
                              [](const Tensor& a) {
                                return sum_to(a, {3, 1});
                              }},
                    LinearMap{"gather", {5, 2}, [](const Tensor& a) { return gather(a, repeated_rows(a)); }},
                    LinearMap{
                        "scatter_add", {6, 2}, [](const Tensor& a) { return scatter_add(a, repeated_rows(a), 4); }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace duel
