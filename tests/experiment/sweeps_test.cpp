// The sweeps of the gallery: all are checked, and their smoke variants trained to the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/experiment/gallery.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

class SmokeSweep : public ::testing::TestWithParam<std::string> {};

TEST_P(SmokeSweep, EndsWithEveryTrialComplete) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"sweep", experiment_file(GetParam()).string(), "--out", "s"}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("; best: trial ")) << end.errors;
  EXPECT_EQ(end.output.find("failed"), std::string::npos) << end.output;
}

INSTANTIATE_TEST_SUITE_P(Sweeps, SmokeSweep, ::testing::ValuesIn(smoke_sweeps()),
                         [](const auto& test) { return test_name(test.param); });

class ListedSweep : public ::testing::TestWithParam<std::string> {};

TEST_P(ListedSweep, IsPlannedWithoutComplaint) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"sweep", experiment_file(GetParam()).string(), "--dry-run"}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("trial 0: "));
  const auto smoke = smoke_sweeps();
  EXPECT_NE(std::ranges::find(smoke, GetParam() + ".smoke"), smoke.end()) << "it has no smoke variant";
}

INSTANTIATE_TEST_SUITE_P(Sweeps, ListedSweep, ::testing::ValuesIn(gallery_sweeps()),
                         [](const auto& test) { return test_name(test.param); });

// What docs/sweeping.md tells users to copy, of the experiments that it names.
TEST(Documentation, HasSweepsThatCanBePlanned) {
  const std::string text = read_text(std::filesystem::path(DUEL_SOURCE_DIR) / "docs/sweeping.md");
  const auto block = [&](std::size_t from) {
    const std::size_t begin = text.find("```yaml\n", from) + 8;
    return text.substr(begin, text.find("```", begin) - begin);
  };
  const TemporaryFolder folder;
  for (const char* name : {"digits", "points"}) {
    std::filesystem::create_directory_symlink(std::filesystem::path(DUEL_SOURCE_DIR) / "experiments" / name,
                                              folder.path() / name);
  }
  folder.write("sweeps/first.yaml", block(0));
  folder.write("sweeps/when.yaml",
               "experiment: ../points/ring.yaml\nmethod: grid\n"
               "metric: {name: generator.loss, goal: minimize}\n" +
                   block(text.find("under `when`")));
  for (const char* file : {"sweeps/first.yaml", "sweeps/when.yaml"}) {
    const ProgramEnd end = run_program({"sweep", file, "--dry-run"}, folder.path());
    EXPECT_EQ(end.code, 0) << end.errors;
  }
}

}  // namespace
}  // namespace duel
