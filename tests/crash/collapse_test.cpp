// What train.on_collapse does to a run, and that a kill changes nothing of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "base/file.hpp"
#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// The discriminator needs no more than the place of the points, and the generator stays where it is.
const std::string yaml =
    "name: collapse\n"
    "data: {train: {gaussian: {mean: 5, deviation: 0.1, dimensions: 2}}, batch: 16}\n"
    "networks:\n"
    "  generator: {inputs: {z: [2]}, layers: [dense: 2]}\n"
    "  discriminator: {inputs: {x: [2]}, layers: [dense: 1]}\n"
    "values: {fake: generator(normal(2)), d_real: discriminator(data.point), d_fake: discriminator(fake)}\n"
    "players:\n"
    "  discriminator:\n"
    "    updates: discriminator\n"
    "    optimizer: {adam: {lr: 0.05}}\n"
    "    loss: [{bce: {logits: d_real, target: 1}}, {bce: {logits: d_fake, target: 0}}]\n"
    "  generator: {updates: generator, optimizer: {sgd: {lr: 0}}, loss: {bce: {logits: d_fake, target: 1}}}\n"
    "train: {steps: 600, on_collapse: {action: stop, window: 50}}\n"
    "sample: {value: fake, reference: data.point, every: 50, plot: scatter}\n"
    "checkpoint: {every: 20, keep: 100}\n";

class Collapse : public ::testing::Test {
 protected:
  Collapse() { folder_.write("collapse.yaml", yaml); }
  ProgramEnd run(const std::vector<std::string>& arguments) const { return run_program(arguments, folder_.path()); }
  ProgramEnd train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", "collapse.yaml", "--out", out, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  fs::path path(const std::string& out) const { return folder_.path() / out; }
  std::vector<int64_t> checkpoints(const std::string& out) const { return checkpoint_steps(path(out) / "checkpoints"); }

  TemporaryFolder folder_;
};

TEST_F(Collapse, StopsAfterACheckpoint) {
  const ProgramEnd end = train("run");
  EXPECT_EQ(end.code, 4);
  EXPECT_THAT(end.errors, HasSubstr("the discriminator is saturated; train.on_collapse ends the training; 'duel doctor "
                                    "run' says what to try; 'duel resume run' goes on all the same\n"));
  const int64_t last = read_run(path("run") / "run.h5").steps.back();
  EXPECT_LT(last, 600);
  EXPECT_EQ(checkpoints("run").back(), last);
  EXPECT_EQ(read_text(path("run") / "failure.txt"), end.errors);
  const ProgramEnd resumed = run({"resume", "run", "--quiet"});
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_EQ(checkpoints("run").back(), 600);
  EXPECT_FALSE(fs::exists(path("run") / "failure.txt"));
}

TEST_F(Collapse, WarnsOnceAndChangesNothing) {
  const ProgramEnd warned = train("warned", {"train.on_collapse=warn", "train.on_collapse={window: 50}"});
  EXPECT_EQ(warned.code, 0);
  EXPECT_THAT(warned.errors, HasSubstr("warning: step "));
  EXPECT_THAT(warned.errors, HasSubstr("; 'duel doctor warned' shows the curve and what to try\n"));
  EXPECT_EQ(std::ranges::count(warned.errors, '\n'), 1);
  const ProgramEnd silent = train("silent", {"train.on_collapse=off"});
  EXPECT_EQ(silent.code, 0);
  EXPECT_EQ(silent.errors, "");
  EXPECT_EQ(read_run(path("warned") / "run.h5").metrics, read_run(path("silent") / "run.h5").metrics);
  EXPECT_EQ(read_checkpoint(checkpoint_path(path("warned") / "checkpoints", 600)).arrays,
            read_checkpoint(checkpoint_path(path("silent") / "checkpoints", 600)).arrays);
}

TEST_F(Collapse, GoesBackToBeforeItBegan) {
  const ProgramEnd end = train("run", {"train.on_collapse.action=rollback"});
  EXPECT_EQ(end.code, 4);
  EXPECT_EQ(std::ranges::count(end.errors, '\n'), 4) << "three rollbacks and the end\n" << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("with other noise (attempt 3 of 3)\n"));
  EXPECT_THAT(end.errors, HasSubstr(", after 3 rollbacks; train.on_collapse ends the training"));
  // Every step once.
  const std::vector<int64_t> steps = read_run(path("run") / "run.h5").steps;
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], static_cast<int64_t>(i + 1));
}

TEST_F(Collapse, WithoutACheckpointOfBeforeStops) {
  const ProgramEnd end = train("run", {"train.on_collapse.action=rollback", "checkpoint.keep=1"});
  EXPECT_EQ(end.code, 4);
  EXPECT_THAT(end.errors, HasSubstr(", and no checkpoint is kept from before; train.on_collapse ends the training"));
}

TEST_F(Collapse, IsFoundAtTheSameStepAfterAKill) {
  const ProgramEnd alone = train("alone");
  ASSERT_EQ(alone.code, 4);
  const int64_t last = checkpoints("alone").back();
  // As a kill leaves it: only the checkpoints up to the middle of the window.
  fs::copy(path("alone"), path("killed"), fs::copy_options::recursive);
  for (const int64_t step : checkpoints("killed")) {
    if (step > last - 25) fs::remove(checkpoint_path(path("killed") / "checkpoints", step));
  }
  const ProgramEnd resumed = run({"resume", "killed", "--quiet", "--threads", "2"});
  EXPECT_EQ(resumed.code, 4);
  EXPECT_EQ(checkpoints("killed").back(), last);
  EXPECT_TRUE(read_checkpoint(checkpoint_path(path("killed") / "checkpoints", last)) ==
              read_checkpoint(checkpoint_path(path("alone") / "checkpoints", last)));
}

}  // namespace
}  // namespace duel
