// Planned and run, a graph means what its reference interpretation says.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/engine.hpp"
#include "graph/verify.hpp"
#include "ops/interpret.hpp"
#include "ops/ops.hpp"
#include "random_graph.hpp"

namespace duel {
namespace {

using Named = std::map<std::string, HostTensor>;

void fill(const Graph& graph, Executable& executable, VariableStore& variables, const Named& inputs,
          const Named& values) {
  for (const auto& [name, tensor] : inputs) {
    if (executable.find_input(name) != nullptr) executable.set_input(name, tensor.values);
  }
  for (const Variable& variable : graph.variables()) variables.write(variable.name, values.at(variable.name).values);
}

void expect_near(const std::vector<double>& actual, const HostTensor& expected, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(actual.size(), expected.values.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double bound = tolerance * std::max(1.0, std::abs(expected.values[i]));
    ASSERT_NEAR(actual[i], expected.values[i], bound) << what << ", element " << i;
  }
}

// Two steps, so that what one leaves behind in memory meets the next.
void expect_as_interpreted(const Graph& graph, const Named& inputs, Named values, double tolerance) {
  verify_graph(graph);
  Plan plan = make_plan(graph);
  verify_plan(plan);
  ThreadPool pool(2);
  VariableStore variables;
  Executable executable(std::move(plan), variables, pool);
  fill(graph, executable, variables, inputs, values);
  for (uint64_t step = 5; step < 7; ++step) {
    const Interpretation expected = interpret(graph, inputs, values, {.step = step, .dtype = graph.dtype()});
    executable.run(step);
    for (const auto& [name, tensor] : expected.outputs) {
      expect_near(executable.read_output(name), tensor, tolerance, name);
    }
    for (const auto& [name, tensor] : expected.variables) expect_near(variables.read(name), tensor, tolerance, name);
    values = expected.variables;
  }
}

class RandomGraphs : public testing::TestWithParam<DType> {};

TEST_P(RandomGraphs, AreComputedAsInterpreted) {
  const double tolerance = GetParam() == DType::float64 ? 1e-10 : 1e-4;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomGraph random = random_graph(seed, 40 + static_cast<int>(seed) % 200, GetParam());
    expect_as_interpreted(random.graph, random.inputs, random.variables, tolerance);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, RandomGraphs, testing::Values(DType::float32, DType::float64),
                         [](const auto& type) { return std::string(to_string(type.param)); });

class Assignments : public testing::Test {
 protected:
  Tensor declare(const std::string& name, const Shape& shape = {3, 5}) {
    RandomStream stream(stream_key(1, 0, name));
    values_[name] = random_tensor(stream, shape);
    return {graph_, graph_.variable(name, shape)};
  }
  Tensor assign(const std::string& name, const Tensor& value) { return {graph_, graph_.assign(name, value.id())}; }
  void check() { expect_as_interpreted(graph_, inputs_, values_, 1e-10); }

  Graph graph_{DType::float64};
  Named inputs_;
  Named values_;
};

TEST_F(Assignments, Swap) {
  const Tensor a = declare("a");
  const Tensor b = declare("b");
  assign("a", b);
  assign("b", a);
  check();
}

TEST_F(Assignments, RotateThree) {
  const Tensor a = declare("a");
  const Tensor b = declare("b");
  const Tensor c = declare("c");
  assign("a", b);
  assign("b", c);
  assign("c", a);
  check();
}

TEST_F(Assignments, SimultaneousUpdates) {
  const Tensor a = declare("a");
  const Tensor b = declare("b");
  assign("a", a - 0.1 * b);
  assign("b", b + 0.1 * a);
  check();
}

TEST_F(Assignments, SimultaneousUpdatesThroughMatmul) {
  const Tensor a = declare("a", {4, 4});
  const Tensor b = declare("b", {4, 4});
  assign("a", matmul(a, b));
  assign("b", matmul(b, a));
  check();
}

TEST_F(Assignments, AlternatingUpdates) {
  Tensor a = declare("a", {4, 4});
  Tensor b = declare("b", {4, 4});
  for (int i = 0; i < 3; ++i) {
    a = assign("a", a - 0.1 * matmul(a, b));
    b = assign("b", tanh(matmul(b, a)));
  }
  graph_.add_output("a", a.id());
  check();
}

TEST_F(Assignments, OldValueIsReadAfterTheUpdate) {
  const Tensor a = declare("a");
  const Tensor updated = assign("a", a * 0.5);
  graph_.add_output("change", sum(tanh(updated) * a).id());
  graph_.add_output("old", a.id());
  graph_.add_output("new", updated.id());
  check();
}

TEST_F(Assignments, ComesBackToTheOldValue) {
  const Tensor a = declare("a");
  const Tensor b = assign("a", a * 0.5);
  graph_.add_output("between", sum(b).id());
  assign("a", a);
  check();
}

TEST_F(Assignments, ComesBackToAnEarlierVersion) {
  const Tensor a = declare("a");
  const Tensor b = assign("a", a * 0.5);
  const Tensor c = assign("a", tanh(a) + sum(b));
  graph_.add_output("between", max(c, std::vector<int64_t>{}).id());
  assign("a", b);
  check();
}

TEST_F(Assignments, OneValueInSeveralVariables) {
  const Tensor a = declare("a");
  declare("b");
  declare("c");
  const Tensor value = exp(-a);
  assign("b", value);
  assign("a", value);
  assign("a", assign("c", value) * 0.25);
  check();
}

TEST_F(Assignments, InputsConstantsAndBroadcasts) {
  declare("a");
  declare("b");
  declare("c");
  RandomStream stream(3);
  inputs_["x"] = random_tensor(stream, {3, 5});
  inputs_["row"] = random_tensor(stream, {5});
  assign("a", {graph_, graph_.input("x", {3, 5})});
  assign("b", constant(graph_, 0.25, {3, 5}));
  assign("c", broadcast({graph_, graph_.input("row", {5})}, {3, 5}));
  check();
}

TEST_F(Assignments, Reshaped) {
  const Tensor a = declare("a", {3, 5});
  declare("b", {15});
  assign("b", reshape(a, {15}));
  assign("a", reshape(tanh(reshape(a, {5, 3})), {3, 5}));
  check();
}

TEST_F(Assignments, AdamWithABatchOfItsOwn) {
  const Tensor w = declare("w", {6, 5});
  Tensor m = declare("m", {6, 5});
  Tensor v = declare("v", {6, 5});
  RandomStream stream(3);
  inputs_["x"] = random_tensor(stream, {8, 6});
  const Tensor x(graph_, graph_.input("x", {8, 6}));
  const Tensor y = tanh(matmul(x, w));
  const Tensor g = matmul(x, y * (1.0 - square(y)), true);
  m = assign("m", 0.9 * m + 0.1 * g);
  v = assign("v", 0.99 * v + 0.01 * square(g));
  assign("w", w - 0.01 * m / (sqrt(abs(v)) + 1e-3));
  graph_.add_output("loss", mean(y).id());
  check();
}

}  // namespace
}  // namespace duel
