// A plan that is right, and for each check of verify_plan one fault that only this check finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "fake_kernel.hpp"
#include "plan/plan.hpp"

namespace duel {
namespace {

using Space = Location::Space;

Location arena(int64_t offset, int64_t bytes = 64) { return {Space::arena, 0, offset, bytes}; }

std::shared_ptr<FakeKernel> kernel(const std::string& name, bool overwrites = false, int64_t workspace = 0) {
  auto fake = std::make_shared<FakeKernel>();
  fake->name = name;
  fake->overwrites = overwrites;
  fake->workspace = workspace;
  return fake;
}

class VerifyPlan : public testing::Test {
 protected:
  // input x, variable w; launch 0: a = f(x), b = g(w); launch 1: w = h(w, a), in place, with a workspace; launch 2:
  // c = k(b, a) over b, the output.
  void SetUp() override {
    plan_.inputs = {{"x", {16}, DType::float32}};
    plan_.variables = {{"w", {16}, DType::float32}};
    plan_.constants.resize(64);
    plan_.arena_bytes = 256;
    plan_.launches.resize(3);
    plan_.launches[0].calls = {{kernel("f"), {x_}, {arena(0)}, {}, "f"}, {kernel("g"), {w_}, {arena(64)}, {}, "g"}};
    plan_.launches[1].calls = {{kernel("h", true, 128), {w_, arena(0)}, {w_}, arena(128, 128), "h"}};
    plan_.launches[2].calls = {{kernel("k", true), {arena(64), arena(0)}, {arena(64)}, {}, "k"}};
    plan_.outputs = {{{"c", {16}, DType::float32}, arena(64), 2}};
  }

  void expect_fault(const std::string& message) {
    try {
      verify_plan(plan_);
      FAIL() << "no fault is found";
    } catch (const InternalError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
    }
  }

  Call& call(std::size_t launch, std::size_t i = 0) { return plan_.launches[launch].calls[i]; }

  Plan plan_;
  const Location x_{Space::input, 0, 0, 64};
  const Location w_{Space::variable, 0, 0, 64};
};

TEST_F(VerifyPlan, AcceptsWhatIsRight) { EXPECT_NO_THROW(verify_plan(plan_)); }

TEST_F(VerifyPlan, EmptyLaunch) {
  plan_.launches.insert(plan_.launches.begin(), Launch{});
  expect_fault("launch 0 is empty");
}

TEST_F(VerifyPlan, NoKernel) {
  call(0).kernel = nullptr;
  expect_fault("has no kernel");
}

TEST_F(VerifyPlan, OperandOutsideTheArena) {
  call(0).outputs[0] = arena(192, 128);
  expect_fault("leaves its space");
}

TEST_F(VerifyPlan, OperandOutsideAnInput) {
  call(0).inputs[0].bytes = 128;
  expect_fault("leaves its space");
}

TEST_F(VerifyPlan, OperandOutsideTheConstants) {
  call(0).inputs[0] = {Space::constant, 0, 64, 4};
  expect_fault("leaves its space");
}

TEST_F(VerifyPlan, NoSuchVariable) {
  call(0, 1).inputs[0].index = 1;
  expect_fault("there is no variable 1");
}

TEST_F(VerifyPlan, OperandNotAligned) {
  call(0).outputs[0] = arena(4, 60);
  expect_fault("is not aligned");
}

TEST_F(VerifyPlan, ReadsWhatNobodyWrote) {
  call(0).inputs[0] = arena(192);
  expect_fault("reads what nobody wrote");
}

TEST_F(VerifyPlan, ReadsWhatIsWrittenOnlyInPart) {
  call(2).inputs[1] = arena(0, 192);
  expect_fault("reads what nobody wrote");
}

TEST_F(VerifyPlan, ReadsWhatAWorkspaceClobbered) {
  call(1).inputs.pop_back();
  call(1).workspace = arena(0, 128);
  expect_fault("reads what nobody wrote");
}

TEST_F(VerifyPlan, WritesIntoAnInput) {
  call(0).outputs[0] = x_;
  call(0).inputs.clear();
  expect_fault("writes into input 0");
}

TEST_F(VerifyPlan, WorkspaceOfAnotherSize) {
  call(1).workspace.bytes = 64;
  expect_fault("has a workspace of 64 bytes and needs 128");
}

TEST_F(VerifyPlan, WorkspaceOutsideTheArena) {
  call(1).workspace.offset = 192;
  expect_fault("leaves its space");
}

TEST_F(VerifyPlan, OverwritesAnInputThatMustStay) {
  call(2).kernel = kernel("k", false);
  expect_fault("overwrites its own input");
}

TEST_F(VerifyPlan, OverwritesAnInputAtAnotherPlace) {
  call(2).inputs[0] = arena(0, 128);
  expect_fault("overwrites its own input");
}

TEST_F(VerifyPlan, TwoOutputsAtOnePlace) {
  call(0).outputs.push_back(arena(0));
  expect_fault("writes twice into");
}

TEST_F(VerifyPlan, WorkspaceOverAnInput) {
  call(1).workspace = arena(0, 128);
  expect_fault("works in its own input");
}

TEST_F(VerifyPlan, WorkspaceOverAnOutput) {
  call(1).outputs[0] = arena(128);
  expect_fault("works in its own output");
}

TEST_F(VerifyPlan, TwoCallsOfALaunchWriteOnePlace) {
  call(0, 1).outputs[0] = arena(0);
  expect_fault("of the same launch writes");
}

TEST_F(VerifyPlan, ACallReadsWhatAnotherOfItsLaunchWrites) {
  plan_.launches[2].calls.push_back({kernel("l"), {w_}, {arena(128)}, {}, "l"});
  plan_.launches[2].calls.push_back({kernel("m"), {arena(0)}, {w_}, {}, "m"});
  expect_fault("of the same launch writes");
}

TEST_F(VerifyPlan, OutputOverwrittenLater) {
  plan_.outputs[0].launch = 0;
  plan_.outputs[0].location = arena(64);
  expect_fault("is overwritten by launch 2");
}

TEST_F(VerifyPlan, OutputOverwrittenByAWorkspace) {
  plan_.launches.push_back({{{kernel("n", false, 64), {x_}, {arena(128)}, arena(64), "n"}}});
  expect_fault("is overwritten by launch 3");
}

TEST_F(VerifyPlan, OutputThatIsNotWrittenWhereItSays) {
  plan_.outputs[0].launch = 1;
  expect_fault("is not written by launch 1");
}

TEST_F(VerifyPlan, OutputThatNobodyWrites) {
  plan_.outputs[0].launch = -1;
  plan_.outputs[0].location = arena(192);
  expect_fault("nobody writes it");
}

TEST_F(VerifyPlan, OutputOfALaunchThatIsNotThere) {
  plan_.outputs[0].launch = 3;
  expect_fault("is written by launch 3 of 3");
}

TEST_F(VerifyPlan, OutputOfAnotherSize) {
  plan_.outputs[0].location.bytes = 32;
  expect_fault("of 64 bytes lies in");
}

TEST_F(VerifyPlan, VariableAsOutputThatIsOverwritten) {
  plan_.outputs[0] = {{"c", {16}, DType::float32}, w_, -1};
  expect_fault("is overwritten by launch 1");
}

TEST_F(VerifyPlan, PrintedAsText) {
  EXPECT_EQ(print_plan(plan_), R"(launch 0
  f
    computes f
    tiles    4
    reads    input x (64 B)
    writes   arena+0 (64 B)
  g
    computes g
    tiles    4
    reads    variable w (64 B)
    writes   arena+64 (64 B)
launch 1
  h
    computes h
    tiles    4 + 1
    reads    variable w (64 B), arena+0 (64 B)
    writes   variable w (64 B)
    works in arena+128 (128 B)
launch 2
  k
    computes k
    tiles    4
    reads    arena+64 (64 B), arena+0 (64 B)
    writes   arena+64 (64 B)
output c : float32[16] = arena+64
total 3 launches, 4 calls, 0 Mflop, float32
memory 448 B: arena 256 B, variables 64 B, inputs 64 B, constants 64 B
)");
}

}  // namespace
}  // namespace duel
