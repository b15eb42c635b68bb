// The sweeps of the gallery: all are checked, and their smoke variants trained to the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class FullSweep : public ::testing::TestWithParam<std::string> {};

TEST_P(FullSweep, IsPlannedWithoutComplaint) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"sweep", experiment_file(GetParam()).string(), "--dry-run"}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("trial 0: "));
  const auto smoke = smoke_sweeps();
  EXPECT_NE(std::ranges::find(smoke, GetParam() + ".smoke"), smoke.end()) << "it has no smoke variant";
}

INSTANTIATE_TEST_SUITE_P(Sweeps, FullSweep, ::testing::ValuesIn(full_sweeps()),
                         [](const auto& test) { return test_name(test.param); });

}  // namespace
}  // namespace duel
