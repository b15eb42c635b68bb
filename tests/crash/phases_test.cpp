// A training in phases, killed around their borders and taken up again, ends like the run left alone.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

// 100 points are six batches of 16 a pass: 20 epochs with two batches a step are 60 steps.
constexpr int64_t first_border = 70, second_border = 130, total = 240;

class Phased : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(end_.code, 0) << end_.errors; }
  RingRuns runs_{"phases.yaml"};
  ProgramEnd end_ = run_program(runs_.train_arguments("reference", 1), runs_.folder());
};

TEST_F(Phased, RecordsWhatEachPhasePlays) {
  const RunRecords records = read_run(runs_.path("reference") / "run.h5");
  ASSERT_EQ(records.steps.size(), static_cast<std::size_t>(total));
  const auto missing = [&](const std::string& metric) {
    std::vector<int64_t> steps;
    for (std::size_t i = 0; i < records.steps.size(); ++i) {
      if (std::isnan(records.metrics.at(metric)[i])) steps.push_back(records.steps[i]);
    }
    return steps;
  };
  const std::vector<int64_t> without_discriminator = missing("discriminator.loss");
  ASSERT_EQ(std::ssize(without_discriminator), first_border);
  EXPECT_EQ(without_discriminator.front(), 1);
  EXPECT_EQ(without_discriminator.back(), first_border);
  EXPECT_EQ(missing("discriminator.gradient"), without_discriminator);
  EXPECT_TRUE(missing("generator.loss").empty());
  EXPECT_TRUE(missing("d_accuracy").empty()) << "metrics are computed whoever plays";
}

TEST_F(Phased, CountsWhatWasPlayedAndDrawn) {
  const CheckpointState last = read_checkpoint(runs_.checkpoints("reference").back());
  EXPECT_EQ(last.counter("step"), total);
  EXPECT_EQ(last.counter("total_steps"), total);
  EXPECT_EQ(last.counter("turns/generator"), total);
  EXPECT_EQ(last.counter("turns/discriminator"), 2 * (second_border - first_border) + (total - second_border));
  const int64_t batches = first_border + 2 * (second_border - first_border) + (total - second_border);
  EXPECT_EQ(last.counter("batches"), batches);
  EXPECT_NEAR(last.number("epoch"), static_cast<double>(batches) / 6, 1e-9);
}

TEST_F(Phased, EndsTheSameWhereverItWasStopped) {
  // Checkpoints stand at multiples of 11: the borders lie between them.
  for (const std::size_t seen : {6u, 7u, 12u}) {
    const std::string run = fmt::format("killed-{}", seen);
    SCOPED_TRACE(run);
    auto arguments = runs_.train_arguments(run, 1);
    arguments.push_back("checkpoint.keep=100");
    Program program(arguments, runs_.folder());
    ASSERT_TRUE(runs_.wait_for_checkpoints(program, run, seen)) << program.wait().errors;
    program.send(SIGKILL);
    ASSERT_EQ(program.wait().code, -SIGKILL) << "the run was over before it could be killed";
    auto resume = RingRuns::resume_arguments(run, 2);
    resume.push_back("checkpoint.keep=3");
    const ProgramEnd resumed = run_program(resume, runs_.folder());
    ASSERT_EQ(resumed.code, 0) << resumed.errors;
    EXPECT_EQ(checkpoints_of(runs_.path(run)), checkpoints_of(runs_.path("reference")));
    EXPECT_EQ(pictures_of(runs_.path(run)), pictures_of(runs_.path("reference")));
    EXPECT_EQ(records_of(runs_.path(run)).at("metric generator.loss"),
              records_of(runs_.path("reference")).at("metric generator.loss"));
  }
}

TEST_F(Phased, KilledAtRandomMomentsEndsLikeTheRunLeftAlone) {
  std::mt19937 random{20270301};
  runs_.finish_with_kills("killed", 2, 3, 0.4, random);
  ASSERT_FALSE(HasFailure());
  expect_same_end(runs_.path("killed"), runs_.path("reference"));
}

// The last phase goes on where it ended; the phases before keep what they were.
TEST_F(Phased, GoesOnInItsLastPhase) {
  auto more = RingRuns::resume_arguments("reference", 1);
  more.push_back("train.phases[2].steps=120");
  const ProgramEnd resumed = run_program(more, runs_.folder());
  ASSERT_EQ(resumed.code, 0) << resumed.errors;
  auto whole = runs_.train_arguments("whole", 1);
  whole.push_back("train.phases[2].steps=120");
  ASSERT_EQ(run_program(whole, runs_.folder()).code, 0);
  const CheckpointState state = read_checkpoint(runs_.checkpoints("reference").back());
  EXPECT_EQ(state.counter("step"), total + 10);
  EXPECT_EQ(state.counters, read_checkpoint(runs_.checkpoints("whole").back()).counters);
}

}  // namespace
}  // namespace duel
