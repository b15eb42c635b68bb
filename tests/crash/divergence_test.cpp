// A loss that is no number: the training stops, or goes back and on with other noise.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// The loss is infinite whenever the expression `trap` is.
std::string experiment(const std::string& trap) {
  return "name: trap\n"
         "data: {batch: 8}\n"
         "networks: {generator: {inputs: {z: [2]}, layers: [dense: 4, tanh, dense: 1]}}\n"
         "values:\n"
         "  z: normal(2)\n"
         "  y: generator(z)\n"
         "  done: previous(done) + 1\n"
         "  trap: log(select(" +
         trap +
         ", 0, 1))\n"
         "players:\n"
         "  generator: {updates: generator, optimizer: adam, loss: {expression: square(y) + trap + 0 * done}}\n"
         "train: {steps: 60, on_divergence: rollback}\n"
         "checkpoint: {every: 10, keep: 10}\n";
}

const std::string always_after_step_25 = "linear(25, 0, 25) == 0";
const std::string by_chance = "uniform(1, batch=1) < 0.02";
const std::string no_trap = "players.generator.loss.expression=square(y)";

class Divergence : public ::testing::Test {
 protected:
  ProgramEnd run(std::vector<std::string> arguments) const { return run_program(arguments, folder_.path()); }
  ProgramEnd train(const std::string& trap, std::vector<std::string> more = {}) const {
    folder_.write("trap.yaml", experiment(trap));
    std::vector<std::string> arguments{"train", "trap.yaml", "--out", "run", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  fs::path path() const { return folder_.path() / "run"; }
  int64_t newest_checkpoint() const { return checkpoint_steps(path() / "checkpoints").back(); }
  CheckpointState checkpoint(int64_t step) const {
    return read_checkpoint(checkpoint_path(path() / "checkpoints", step));
  }
  // By the value `done`, which counts on from what it was in the step before.
  float steps_counted_at(int64_t step) const {
    float count = 0;
    const CheckpointState state = checkpoint(step);
    const auto& bytes = state.arrays.at("states/values/done/previous/value").bytes;
    EXPECT_EQ(bytes.size(), sizeof count);
    std::memcpy(&count, bytes.data(), sizeof count);
    return count;
  }
  // Every step once, in order.
  void expect_whole_records(int64_t steps) const {
    const RunRecords records = read_run(path() / "run.h5");
    ASSERT_EQ(static_cast<int64_t>(records.steps.size()), steps);
    for (int64_t step = 0; step < steps; ++step) {
      EXPECT_EQ(records.steps[static_cast<std::size_t>(step)], step + 1);
      EXPECT_TRUE(std::isfinite(records.metrics.at("generator.loss")[static_cast<std::size_t>(step)]));
    }
  }

  TemporaryFolder folder_;
};

TEST_F(Divergence, StopsAndLeavesARunThatCanGoOn) {
  const ProgramEnd end = train(always_after_step_25, {"train.on_divergence=stop"});
  EXPECT_EQ(end.code, 4);
  EXPECT_EQ(end.errors,
            "step 26: generator.loss is -inf; lower the learning rate, clip the gradients, or set "
            "train.on_divergence: rollback\n");
  EXPECT_EQ(newest_checkpoint(), 20);
  const ProgramEnd resumed = run({"resume", "run", "--quiet", no_trap});
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_EQ(newest_checkpoint(), 60);
  expect_whole_records(60);
}

TEST_F(Divergence, ThatOtherNoiseCannotHelpStopsAfterThreeRollbacks) {
  const ProgramEnd end = train(always_after_step_25);
  EXPECT_EQ(end.code, 4);
  std::string expected;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    expected += fmt::format(
        "warning: step 26: generator.loss is -inf: back to step 20 with other noise (attempt {} of 3)\n", attempt);
  }
  expected += "step 26: generator.loss is -inf, after 3 rollbacks; lower the learning rate, or clip the gradients\n";
  EXPECT_EQ(end.errors, expected);
  EXPECT_EQ(newest_checkpoint(), 20);
  const ProgramEnd resumed = run({"resume", "run", "--quiet", no_trap});
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  expect_whole_records(60);
}

TEST_F(Divergence, ThatOtherNoiseHelpsIsPassed) {
  const ProgramEnd end = train(by_chance, {"seed=2"});
  ASSERT_EQ(end.code, 0) << end.errors;
  // The draws that are less than 0.02 are the same on every machine.
  EXPECT_THAT(end.errors, HasSubstr("back to step 20 with other noise (attempt 1 of 3)"));
  expect_whole_records(60);
  EXPECT_EQ(steps_counted_at(60), 60) << "what values remember goes back with the weights";
  EXPECT_EQ(checkpoint(20).counter("attempt"), 0) << "saved before the first rollback";
  EXPECT_GE(checkpoint(60).counter("attempt"), 1);
}

// A run that was rolled back and stopped goes on with the noise that it had last.
TEST_F(Divergence, AndAStopEndLikeTheRunLeftAlone) {
  ASSERT_EQ(train(by_chance, {"seed=2"}).code, 0);
  const CheckpointState alone = checkpoint(60);
  const std::vector<double> losses = read_run(path() / "run.h5").metrics.at("generator.loss");
  fs::remove_all(path());
  ASSERT_EQ(train(by_chance, {"seed=2", "train.steps=45"}).code, 0);
  ASSERT_GE(checkpoint(45).counter("attempt"), 1) << "nothing was rolled back before the stop";
  const ProgramEnd resumed = run({"resume", "run", "--quiet", "train.steps=60"});
  ASSERT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_EQ(read_run(path() / "run.h5").metrics.at("generator.loss"), losses);
  EXPECT_TRUE(checkpoint(60) == alone);
}

// Weights that the last update made infinite are seen before an evaluation looks at what they give.
TEST_F(Divergence, IsSeenBeforeAnEvaluation) {
  const ProgramEnd end = train(
      "0", {"players.generator.optimizer={sgd: {lr: 1.0e38}}", "players.generator.loss.expression=1000 * square(y)",
            "evaluate={real: normal(1), fake: y, count: 16, every: 1, metrics: kid}"});
  EXPECT_EQ(end.code, 4);
  EXPECT_THAT(end.errors, HasSubstr("step 1: networks/generator/"));
  EXPECT_THAT(end.errors, HasSubstr("before the first checkpoint"));
}

TEST_F(Divergence, BeforeTheFirstCheckpointHasNothingToGoBackTo) {
  const ProgramEnd end = train("linear(5, 0, 5) == 0");
  EXPECT_EQ(end.code, 4);
  EXPECT_EQ(end.errors,
            "step 6: generator.loss is -inf, before the first checkpoint; lower the learning rate, clip the gradients, "
            "or make checkpoint.every smaller\n");
}

}  // namespace
}  // namespace duel
