#include "page/page_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/register.hpp"
#include "store/checkpoint.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

constexpr const char* ring =
    "name: ring\ndata: {train: {ring: {modes: 8}}, batch: 8}\n"
    "networks: {g: {inputs: {z: [3]}, layers: [dense: 4]}}\ntrain: {steps: 100}\n";

void write_ring(const TemporaryFolder& folder, const std::string& experiment = ring) {
  RunLayout layout;
  layout.metrics = {"loss"};
  layout.experiment = {{"name", "ring"}, {"resolved", experiment}};
  std::filesystem::remove(folder.path() / "run.h5");
  RunFile run = RunFile::create(folder.path() / "run.h5", layout);
  run.append_metrics(10, 1, std::vector{0.5});
}

void write_checkpoint_of(const TemporaryFolder& folder, int64_t step, double epoch) {
  std::filesystem::create_directories(folder.path() / "checkpoints");
  write_checkpoint(folder.path() / "checkpoints", step,
                   {{}, {{"step", step}, {"total_steps", 100}}, {{"epoch", epoch}}, {}});
}

TEST(ReadPageRun, ReadsTheEpochsOfACheckpointOnce) {
  const TemporaryFolder folder;
  const auto registry = filled_registry<register_plugins>();
  write_ring(folder);
  write_checkpoint_of(folder, 10, 2);
  const PageRun first = read_page_run(folder.path(), registry);
  EXPECT_EQ(first.steps_per_epoch, 5);

  folder.write("checkpoints/step-000010.h5", "what nobody should read");
  EXPECT_EQ(read_page_run(folder.path(), registry, &first).steps_per_epoch, 5);
  EXPECT_EQ(read_page_run(folder.path(), registry).steps_per_epoch, std::nullopt);

  write_checkpoint_of(folder, 20, 2.5);
  EXPECT_EQ(read_page_run(folder.path(), registry, &first).steps_per_epoch, 8) << "there is a newer one";
}

TEST(ReadPageRun, KeepsTheNetworksOfTheSameExperiment) {
  const TemporaryFolder folder;
  const auto registry = filled_registry<register_plugins>();
  write_ring(folder);
  PageRun first = read_page_run(folder.path(), registry);
  ASSERT_EQ(first.networks.networks.size(), 1U);
  first.networks.networks.front().name = "kept";
  EXPECT_EQ(read_page_run(folder.path(), registry, &first).networks.networks.front().name, "kept");
  write_ring(folder, std::string(ring) + "seed: 2\n");
  EXPECT_EQ(read_page_run(folder.path(), registry, &first).networks.networks.front().name, "g");
}

}  // namespace
}  // namespace duel
