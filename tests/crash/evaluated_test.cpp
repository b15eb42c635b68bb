// A training that evaluates itself, killed and taken up again: the records of its evaluations, the best checkpoint and
// the last one are those of the run left alone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

TEST(EvaluatedRun, KilledAtRandomMomentsEndsLikeTheRunLeftAlone) {
  constexpr int kills_wanted = 4;
  const RingRuns runs("evaluated.yaml");
  const auto began = std::chrono::steady_clock::now();
  const ProgramEnd end = run_program(runs.train_arguments("reference", 1), runs.folder());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  ASSERT_EQ(end.code, 0) << end.errors;

  // Or equality would mean little.
  const auto evaluations = read_run(runs.path("reference") / "run.h5").evaluations;
  EXPECT_EQ(evaluations.at("evaluation").steps.size(), 15u);
  EXPECT_EQ(evaluations.at("outputs").steps.size(), 10u);
  const CheckpointState last = read_checkpoint(runs.checkpoints("reference").back());
  const int64_t best = last.counter("best_step");
  EXPECT_NE(best, 300) << "the best checkpoint is the last: nothing shows that it is kept";
  EXPECT_EQ(runs.checkpoints("reference").front().filename(), checkpoint_path("", best).filename());

  std::mt19937 random{20270114};
  int kills = 0;
  for (int round = 0; kills < kills_wanted; ++round) {
    const std::string run = fmt::format("killed-{}", round);
    SCOPED_TRACE(run);
    kills += runs.finish_with_kills(run, 1 + round % 2, kills_wanted - kills, seconds.count() / 2, random);
    ASSERT_FALSE(HasFailure());
    expect_same_end(runs.path(run), runs.path("reference"));
    EXPECT_EQ(checkpoints_of(runs.path(run)), checkpoints_of(runs.path("reference")));
  }
}

}  // namespace
}  // namespace duel
