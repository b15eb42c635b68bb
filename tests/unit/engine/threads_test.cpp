#include <gtest/gtest.h>

#include <set>

#include "engine/engine.hpp"
#include "random_graph.hpp"
#include "training_step.hpp"

namespace duel {
namespace {

struct Trace {
  std::vector<double> losses;
  std::vector<double> first;
  std::vector<double> second;
  bool operator==(const Trace&) const = default;
};

void start(VariableStore& variables, Executable& executable) {
  RandomStream stream(11);
  executable.set_input("x", random_tensor(stream, {256, 96}).values);
  for (const auto& [name, entry] : variables.entries()) {
    std::vector<double> values = random_tensor(stream, entry.slot.shape).values;
    for (double& value : values) value *= 0.1;
    variables.write(name, values);
  }
}

Trace train(DType dtype, int threads, bool timed = false) {
  ThreadPool pool(threads);
  VariableStore variables;
  Executable executable(make_plan(training_step(dtype)), variables, pool);
  start(variables, executable);
  if (timed) executable.profile();
  Trace trace;
  for (uint64_t step = 0; step < 20; ++step) {
    executable.run(step);
    trace.losses.push_back(executable.scalar_output("loss"));
  }
  trace.first = variables.read("first");
  trace.second = variables.read("second");
  return trace;
}

TEST(Threads, TheSameBitsWhateverTheirNumber) {
  for (const DType dtype : {DType::float32, DType::float64}) {
    const Trace one = train(dtype, 1);
    EXPECT_LT(one.losses.back(), one.losses.front());
    for (const int threads : {2, 3, 8}) EXPECT_TRUE(train(dtype, threads) == one) << threads << " threads";
  }
}

TEST(Profile, TimesEveryCallOfEveryRun) {
  ThreadPool pool(2);
  VariableStore variables;
  Executable executable(make_plan(training_step(DType::float32)), variables, pool);
  start(variables, executable);
  executable.run(0);
  EXPECT_TRUE(executable.call_times().empty()) << "nobody has asked";
  executable.profile();
  for (uint64_t step = 1; step <= 3; ++step) executable.run(step);
  const auto times = executable.call_times();
  std::size_t planned = 0;
  for (const Launch& launch : executable.plan().launches) planned += launch.calls.size();
  EXPECT_EQ(times.size(), planned);
  std::set<const Call*> calls;
  int long_calls = 0;
  for (const auto& [call, seconds, runs] : times) {
    calls.insert(call);
    EXPECT_EQ(runs, 3);
    EXPECT_GE(seconds, 0);
    if (call->kernel->flops() > 1e6) {
      ++long_calls;
      EXPECT_GT(seconds, 0) << call->kernel->describe();
    }
  }
  EXPECT_GT(long_calls, 0);
  EXPECT_EQ(calls.size(), times.size());
}

TEST(Profile, ChangesNoBit) { EXPECT_TRUE(train(DType::float32, 2, true) == train(DType::float32, 2)); }

TEST(Threads, TheSameBitsForRandomGraphs) {
  for (uint64_t seed = 1000; seed < 1040; ++seed) {
    const RandomGraph random = random_graph(seed, 120, DType::float32);
    std::vector<std::vector<double>> results;
    for (const int threads : {1, 3}) {
      ThreadPool pool(threads);
      VariableStore variables;
      Executable executable(make_plan(random.graph), variables, pool);
      for (const auto& [name, tensor] : random.inputs) executable.set_input(name, tensor.values);
      for (const auto& [name, tensor] : random.variables) variables.write(name, tensor.values);
      executable.run(3);
      auto& result = results.emplace_back();
      for (const OutputSlot& output : executable.plan().outputs) {
        const auto values = executable.read_output(output.slot.name);
        result.insert(result.end(), values.begin(), values.end());
      }
    }
    EXPECT_EQ(results[0], results[1]) << "seed " << seed;
  }
}

}  // namespace
}  // namespace duel
