// Sweeps on a real Slurm, where it is installed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "store/journal.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/program/program_path.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::string logs_of(const fs::path& sweep) {
  std::string text;
  for (const auto& entry : fs::directory_iterator(sweep / "logs")) text += read_text(entry.path());
  return text;
}

int64_t ends_of(const fs::path& sweep, const std::string& state) {
  int64_t count = 0;
  for (const nlohmann::json& record : JournalReader(sweep / "journal").read()) {
    count += record.at("op") == "end" && record.at("state") == state ? 1 : 0;
  }
  return count;
}

TEST(Slurm, TrainsAnArrayAndTakesUpAJobThatWasQueuedAgain) {
  const DescentFolder folder;
  folder.write("array.yaml",
               descent_sweep("parameters: {players.one.optimizer.sgd.lr: {values: [0.1, 0.2, 0.3]}}\n"
                             "method: grid\nparallel: 2\nslurm: {time: '00:05:00', options: [--nice=1]}\n"));
  folder.write("long.yaml", descent_sweep("parameters: {players.one.optimizer.sgd.lr: {values: [1.0e-6]}}\n"
                                          "method: grid\noverrides: [train.steps=400000, checkpoint.every=2000]\n"));
  const fs::path here = fs::path(DUEL_SOURCE_DIR) / "tests/unit/tools_sweep";
  const std::string command =
      fmt::format("cd {} && unset OPENBLAS_CORETYPE && timeout 120 {} {}/cluster {} {} >out 2>err",
                  folder.path().string(), (here / "slurm_cluster").string(), folder.path().string(),
                  (here / "slurm_scenario").string(), program_path().string());
  const int status = std::system(command.c_str());
  const std::string errors = read_text(folder.path() / "err");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no cluster: " << errors;
  ASSERT_EQ(status, 0) << errors << read_text(folder.path() / "out");

  EXPECT_EQ(ends_of(folder.path() / "array", "complete"), 3);
  EXPECT_EQ(ends_of(folder.path() / "long", "waiting"), 1) << logs_of(folder.path() / "long");
  EXPECT_EQ(ends_of(folder.path() / "long", "complete"), 1) << logs_of(folder.path() / "long");
  EXPECT_THAT(logs_of(folder.path() / "long"), testing::HasSubstr("0000: waiting at step"));
  EXPECT_THAT(logs_of(folder.path() / "long"), testing::HasSubstr("0000: complete at step 400000"));
}

}  // namespace
}  // namespace duel
