// What the program says to each mistake in cases/, and how quickly. tests/error/case.hpp has the form of a case.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.hpp"
#include "tests/error/case.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool slowed = true;  // a sanitizer takes time and memory of its own
#else
constexpr bool slowed = false;
#endif
constexpr double most_seconds = 1;
constexpr int64_t most_bytes = 100 << 20;

const fs::path cases_folder = fs::path(DUEL_SOURCE_DIR) / "tests/error/cases";

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(cases_folder)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Mistake : public ::testing::TestWithParam<std::string> {};

TEST_P(Mistake, IsToldAsExpected) {
  const ErrorCase mistake = read_case(cases_folder / (GetParam() + ".txt"));
  const TemporaryFolder folder;
  folder.write("valid.yaml", read_text(cases_folder / "valid.yaml"));
  for (const ErrorCase::File& file : mistake.files) {
    if (file.generated) {
      generate_file(folder.path() / file.name);
    } else {
      folder.write(file.name, file.content);
    }
  }
  const ProgramEnd end = run_program(mistake.arguments, folder.path());
  EXPECT_EQ(end.code, mistake.code);
  EXPECT_TRUE(matches(end.errors, mistake.expected)) << "it says\n"
                                                     << end.errors << "and should say\n"
                                                     << mistake.expected;
  if (mistake.code != 0) {
    EXPECT_EQ(end.output, "") << "nothing else is printed";
  }
  if (slowed) return;
  EXPECT_LT(end.cpu_seconds, most_seconds);
  EXPECT_LT(end.peak_bytes, most_bytes);
}

INSTANTIATE_TEST_SUITE_P(Cases, Mistake, ::testing::ValuesIn(case_names()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// A mistake that stops a training must leave no folder that looks like a run.
TEST(Mistakes, LeaveNoRunBehind) {
  const TemporaryFolder folder;
  folder.write("valid.yaml", read_text(cases_folder / "valid.yaml"));
  const ProgramEnd end = run_program({"train", "valid.yaml", "--out", "run", "--memory", "1KiB"}, folder.path());
  EXPECT_EQ(end.code, 2);
  EXPECT_FALSE(fs::exists(folder.path() / "run"));
}

}  // namespace
}  // namespace duel
