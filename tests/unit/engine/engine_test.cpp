#include "engine/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "ops/ops.hpp"

// A sanitizer's allocator, too, shall say no to impossible sizes instead of ending the program.
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
#elif defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
#endif

namespace duel {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

bool all_zero(const AlignedBuffer& buffer) {
  return std::all_of(buffer.data(), buffer.data() + buffer.size(), [](std::byte b) { return b == std::byte{0}; });
}

TEST(AlignedBuffer, IsAlignedAndZeroed) {
  for (const int64_t bytes : {int64_t{1}, int64_t{100}, int64_t{2} << 20, (int64_t{2} << 20) + 1, int64_t{5} << 20}) {
    const AlignedBuffer buffer(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0U);
    EXPECT_EQ(buffer.size(), bytes);
    EXPECT_TRUE(all_zero(buffer));
    buffer.data()[bytes - 1] = std::byte{1};
  }
}

TEST(AlignedBuffer, Moves) {
  for (const int64_t bytes : {int64_t{100}, int64_t{3} << 20}) {
    AlignedBuffer a(bytes);
    std::byte* memory = a.data();
    AlignedBuffer b(std::move(a));
    EXPECT_EQ(b.data(), memory);
    AlignedBuffer small(10), big(int64_t{4} << 20);
    small = std::move(b);
    EXPECT_EQ(small.data(), memory);
    big = std::move(small);
    EXPECT_EQ(big.data(), memory);
    EXPECT_EQ(big.size(), bytes);
  }
}

TEST(AlignedBuffer, OfNothingHasNoMemory) { EXPECT_EQ(AlignedBuffer(0).data(), nullptr); }

TEST(AlignedBuffer, SaysWhenThereIsNoMemory) {
  try {
    const AlignedBuffer buffer(INT64_MAX / 2);
    FAIL() << "half of all addresses were given";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::storage);
    EXPECT_THAT(error.what(), testing::HasSubstr("no memory"));
  }
}

TEST(VariableStore, KeepsAddressesAndValues) {
  VariableStore store;
  const Slot slot{"w", {2, 2}, DType::float32};
  const std::byte* memory = store.declare(slot).memory.data();
  EXPECT_THAT(store.read("w"), ElementsAre(0, 0, 0, 0));
  store.write("w", std::vector<double>{1, 2, 3, 0.5});
  for (int i = 0; i < 100; ++i) store.declare({"v" + std::to_string(i), {3}, DType::float64});
  EXPECT_EQ(store.declare(slot).memory.data(), memory);
  EXPECT_THAT(store.read("w"), ElementsAre(1, 2, 3, 0.5));
  EXPECT_EQ(store.find("x"), nullptr);
  EXPECT_EQ(store.entries().size(), 101U);
}

TEST(VariableStore, RefusesWhatDoesNotFit) {
  VariableStore store;
  store.declare({"w", {2, 2}, DType::float32});
  EXPECT_THROW(store.declare({"w", {4}, DType::float32}), InternalError);
  EXPECT_THROW(store.declare({"w", {2, 2}, DType::float64}), InternalError);
  EXPECT_THROW(store.write("w", std::vector<double>{1}), InternalError);
  EXPECT_THROW(store.read("x"), InternalError);
}

class ExecutableTest : public testing::Test {
 protected:
  ThreadPool pool_{2};
  VariableStore variables_;
};

TEST_F(ExecutableTest, ExecutablesShareVariables) {
  const auto add_to_w = [](double amount) {
    Graph graph;
    const Tensor w(graph, graph.variable("w", {2}));
    const Tensor next(graph, graph.assign("w", (w + amount).id()));
    graph.add_output("sum", sum(next).id());
    return make_plan(graph);
  };
  Executable one(add_to_w(1), variables_, pool_);
  Executable ten(add_to_w(10), variables_, pool_);
  one.run(0);
  ten.run(1);
  one.run(2);
  EXPECT_THAT(variables_.read("w"), ElementsAre(DoubleEq(12), DoubleEq(12)));
  EXPECT_EQ(one.scalar_output("sum"), 24);
  EXPECT_EQ(ten.scalar_output("sum"), 22);
}

TEST_F(ExecutableTest, InputsAndOutputsByName) {
  Graph graph(DType::float64);
  const Tensor x(graph, graph.input("x", {3}));
  graph.add_output("double", (x * 2.0).id());
  graph.add_output("same", x.id());
  Executable executable(make_plan(graph), variables_, pool_);
  executable.set_input("x", std::vector<double>{1, 2, 3});
  executable.run(0);
  EXPECT_THAT(executable.read_output("double"), ElementsAre(2, 4, 6));
  EXPECT_EQ(executable.output("same"), executable.input("x"));
  EXPECT_EQ(executable.find_input("y"), nullptr);
  EXPECT_THROW(executable.input("y"), InternalError);
  EXPECT_THROW(executable.output("y"), InternalError);
  EXPECT_THROW(executable.scalar_output("double"), InternalError);
  EXPECT_THROW(executable.set_input("x", std::vector<double>{1}), InternalError);
}

TEST_F(ExecutableTest, DrawsFollowTheStep) {
  Graph graph;
  graph.add_output("z", random_normal(graph, {.key = 4}, {5}).id());
  Executable executable(make_plan(graph), variables_, pool_);
  executable.run(1);
  const auto first = executable.read_output("z");
  executable.run(2);
  EXPECT_NE(executable.read_output("z"), first);
  executable.run(1);
  EXPECT_EQ(executable.read_output("z"), first);
}

TEST_F(ExecutableTest, CanBeMoved) {
  Graph graph;
  graph.add_output("y", (Tensor(graph, graph.input("x", {})) + 1.0).id());
  Executable first(make_plan(graph), variables_, pool_);
  Executable second(std::move(first));
  second.set_input("x", std::vector<double>{4});
  second.run(0);
  EXPECT_EQ(second.scalar_output("y"), 5);
}

}  // namespace
}  // namespace duel
