// What planning makes of graphs: which nodes share a program, which programs a launch, and what memory that takes.
#include "plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// The ops of each call without node numbers: "add, multiply".
std::string ops_of(const Call& call) {
  std::string text;
  bool number = false;
  for (const char c : call.label) {
    if (c == '%') number = true;
    if (!number) text += c;
    if (c == ' ') number = false;
  }
  return text;
}

std::vector<std::vector<std::string>> outline(const Plan& plan) {
  std::vector<std::vector<std::string>> launches;
  for (const Launch& launch : plan.launches) {
    auto& calls = launches.emplace_back();
    for (const Call& call : launch.calls) calls.push_back(ops_of(call));
  }
  return launches;
}

class PlanTest : public testing::Test {
 protected:
  Tensor input(const std::string& name, const Shape& shape) { return {graph_, graph_.input(name, shape)}; }
  Tensor variable(const std::string& name, const Shape& shape) { return {graph_, graph_.variable(name, shape)}; }
  void output(const std::string& name, const Tensor& tensor) { graph_.add_output(name, tensor.id()); }
  Tensor assign(const std::string& name, const Tensor& value) { return {graph_, graph_.assign(name, value.id())}; }
  Plan plan() const {
    Plan result = make_plan(graph_);
    verify_plan(result);
    return result;
  }

  Graph graph_{DType::float32};
};

TEST_F(PlanTest, AChainWithBroadcastsAndAReductionIsOneProgram) {
  const Tensor x = input("x", {32, 10});
  const Tensor bias = variable("bias", {10});
  output("loss", sum(square(tanh(x + bias) * 3.0)));
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("add, tanh, multiply, square, sum")));
}

TEST_F(PlanTest, ViewsAndStopGradientCostNothing) {
  const Tensor x = input("x", {32, 10});
  output("y", exp(reshape(stop_gradient(-x), {320})));
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("negate, exp")));
}

TEST_F(PlanTest, DeadCodeIsDropped) {
  const Tensor x = input("x", {32, 10});
  matmul(x, x, true);
  output("y", -x);
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("negate")));
}

TEST_F(PlanTest, ConstantsAreNumbersOfThePrograms) {
  const Tensor x = input("x", {4, 5});
  output("y", x + broadcast(constant(graph_, 2.0) * constant(graph_, 3.0), {4, 5}));
  const Plan made = plan();
  EXPECT_THAT(outline(made), ElementsAre(ElementsAre("add")));
  EXPECT_TRUE(made.constants.empty());
  EXPECT_EQ(made.launches[0].calls[0].inputs.size(), 1U);
}

TEST_F(PlanTest, ConstantsThatKernelsReadAreFilledOnce) {
  const Tensor x = input("x", {4, 5});
  output("y", matmul(constant(graph_, 0.5, {3, 4}), x));
  output("z", matmul(constant(graph_, 0.5, {3, 4}), x * 2.0));
  const Plan made = plan();
  ASSERT_EQ(made.constants.size(), 64U);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(reinterpret_cast<const float*>(made.constants.data())[i], 0.5F);
}

TEST_F(PlanTest, ReductionsOverDifferentAxesAreDifferentPrograms) {
  const Tensor y = exp(input("x", {8, 9}));
  const int64_t rows[] = {0};
  const int64_t columns[] = {1};
  output("a", sum(y, rows));
  output("b", sum(y, columns));
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("exp, sum"), ElementsAre("sum")));
}

TEST_F(PlanTest, BatchNormalisationPassesThreeTimesOverItsInput) {
  const Tensor x = input("x", {32, 10});
  const int64_t rows[] = {0};
  const Tensor centred = x - mean(x, rows, true);
  const Tensor variance = mean(square(centred), rows, true);
  output("y", centred * rsqrt(variance + 1e-5));
  int64_t passes = 0;
  for (const Launch& launch : plan().launches) {
    for (const Call& call : launch.calls) {
      passes += std::ranges::any_of(call.inputs, [](const Location& at) { return at.bytes == 32 * 10 * 4; });
    }
  }
  EXPECT_EQ(passes, 3);
}

TEST_F(PlanTest, AMaskOfTheBackwardPassIsComputedThere) {
  const Tensor x = matmul(input("x", {32, 16}), variable("w", {16, 16}));
  const Tensor h = maximum(x, x * 0.2);
  const Tensor y = matmul(h, variable("v", {16, 16}));
  const Tensor mask = greater(x, 0.0) * 0.8 + 0.2;
  output("g", y * mask);
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("matmul"), ElementsAre("multiply, maximum"),
                                           ElementsAre("matmul"), ElementsAre("greater, multiply, add, multiply")));
}

TEST_F(PlanTest, ACheapValueIsComputedAgainRatherThanKept) {
  const Tensor x = matmul(input("x", {32, 16}), variable("w", {16, 16}));
  const Tensor shifted = x + variable("bias", {16});
  const Tensor y = matmul(tanh(shifted), variable("v", {16, 16}));
  output("g", y * shifted);
  EXPECT_THAT(outline(plan()), ElementsAre(ElementsAre("matmul"), ElementsAre("add, tanh"), ElementsAre("matmul"),
                                           ElementsAre("add, multiply")));
}

TEST_F(PlanTest, AdamIsOneProgramThatWritesInPlace) {
  const Shape shape{30, 20};
  const Tensor x = input("x", {8, 30});
  const Tensor w = variable("w", shape);
  const Tensor g = matmul(x, matmul(x, w), true);
  const Tensor m = assign("m", variable("m", shape) * 0.9 + g * 0.1);
  const Tensor v = assign("v", variable("v", shape) * 0.99 + square(g) * 0.01);
  assign("w", w - 0.001 * m / (sqrt(v) + 1e-8));
  const Plan made = plan();
  ASSERT_EQ(made.launches.size(), 3U);
  ASSERT_EQ(made.launches[2].calls.size(), 1U);
  std::vector<std::string> written;
  for (const Location& at : made.launches[2].calls[0].outputs) {
    ASSERT_EQ(at.space, Location::Space::variable);
    written.push_back(made.variables[static_cast<std::size_t>(at.index)].name);
  }
  EXPECT_THAT(written, UnorderedElementsAre("w", "m", "v"));
}

TEST_F(PlanTest, UpdatesThatDoNotNeedEachOtherShareALaunch) {
  for (const std::string name : {"a", "b", "c"}) {
    const Tensor w = variable(name, {static_cast<int64_t>(name[0]), 7});
    assign(name, w * 0.99);
  }
  const Plan made = plan();
  ASSERT_EQ(made.launches.size(), 1U);
  EXPECT_EQ(made.launches[0].calls.size(), 3U);
  EXPECT_EQ(made.arena_bytes, 0);
}

TEST_F(PlanTest, AReaderOfTheOldValueComesBeforeTheUpdate) {
  const Tensor w = variable("w", {16, 16});
  const Tensor x = input("x", {16, 16});
  assign("w", w - 0.1 * x);
  output("y", matmul(x, w));
  const Plan made = plan();
  EXPECT_THAT(outline(made), ElementsAre(ElementsAre("matmul"), ElementsAre("multiply, subtract")));
  EXPECT_EQ(made.launches[1].calls[0].outputs[0].space, Location::Space::variable);
}

TEST_F(PlanTest, SeveralVersionsOfAVariableAreWrittenInPlace) {
  const Tensor x = input("x", {16, 16});
  for (int i = 0; i < 3; ++i) {
    const Tensor w = variable("w", {16, 16});
    assign("w", w - 0.1 * matmul(x, w));
  }
  for (const Launch& launch : plan().launches) {
    for (const Call& call : launch.calls) {
      if (ops_of(call) == "matmul") continue;
      EXPECT_EQ(call.outputs[0].space, Location::Space::variable) << call.label;
    }
  }
}

TEST_F(PlanTest, ASwapGoesThroughOneTensorAside) {
  const Tensor a = variable("a", {16});
  const Tensor b = variable("b", {16});
  assign("a", b);
  assign("b", a);
  const Plan made = plan();
  EXPECT_EQ(made.arena_bytes, 64);
  EXPECT_EQ(made.launches.size(), 3U);
}

TEST_F(PlanTest, MemoryOfAChainIsThatOfTwoLinks) {
  Tensor x = input("x", {64, 64});
  const Tensor w = variable("w", {64, 64});
  for (int i = 0; i < 12; ++i) x = matmul(x, w);
  output("y", x);
  const Plan made = plan();
  std::vector<int64_t> offsets;
  int64_t workspace = 0;
  for (const Launch& launch : made.launches) {
    offsets.push_back(launch.calls[0].outputs[0].offset);
    workspace = std::max(workspace, launch.calls[0].workspace.bytes);
  }
  std::ranges::sort(offsets);
  EXPECT_EQ(std::ranges::unique(offsets).begin() - offsets.begin(), 2);
  EXPECT_LE(made.arena_bytes, 2 * 64 * 64 * 4 + (workspace + 63) / 64 * 64);
}

TEST_F(PlanTest, ElementwiseResultsTakeThePlaceOfWhatDies) {
  const Tensor x = matmul(input("x", {64, 64}), variable("w", {64, 64}));
  output("y", tanh(x));
  const Plan made = plan();
  EXPECT_EQ(made.launches[1].calls[0].outputs[0], made.launches[1].calls[0].inputs[0]);
}

TEST_F(PlanTest, ADrawIsMadeWhenItIsNeeded) {
  Tensor x = input("x", {64, 64});
  const Tensor w = variable("w", {64, 64});
  for (int i = 0; i < 4; ++i) x = tanh(matmul(x, w));
  output("y", matmul(x, random_normal(graph_, {.key = 1}, {64, 64})));
  const Plan made = plan();
  EXPECT_EQ(made.launches.size(), 9U);
  EXPECT_EQ(made.launches[7].calls.size(), 2U);
}

TEST_F(PlanTest, PeakCountsEverything) {
  output("y", matmul(input("x", {16, 16}), variable("w", {16, 16})));
  variable("unused", {16});
  const Plan made = plan();
  EXPECT_EQ(made.peak_bytes(), made.arena_bytes + 16 * 16 * 4 * 2 + 64);
}

TEST_F(PlanTest, OutputsOfInputsAndVariablesLieThere) {
  output("x", input("x", {4}));
  output("w", variable("w", {4}));
  const Plan made = plan();
  EXPECT_TRUE(made.launches.empty());
  EXPECT_EQ(made.outputs[0].location.space, Location::Space::input);
  EXPECT_EQ(made.outputs[1].location.space, Location::Space::variable);
}

TEST_F(PlanTest, ManyValuesAtOnceAreCutIntoSeveralPrograms) {
  const Tensor x = input("x", {1000});
  Tensor total = x;
  std::vector<Tensor> parts;
  for (int i = 0; i < 300; ++i) parts.push_back(sin(x * static_cast<double>(i + 2)));
  for (const Tensor& part : parts) total = total + part;
  output("y", total);
  EXPECT_GT(plan().launches.size(), 1U);
}

TEST_F(PlanTest, TensorsWithoutElementsAreRefused) {
  output("y", -input("x", {0, 4}));
  EXPECT_THROW(make_plan(graph_), InternalError);
}

}  // namespace
}  // namespace duel
