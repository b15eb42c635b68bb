// Several processes that begin at once and want the same name: each gets one of its own, or is refused and leaves what
// the others have made.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "store/evaluation_file.hpp"
#include "store/run_file.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;

class Race : public testing::Test {
 protected:
  // All of them at once; how each ended.
  std::vector<ProgramEnd> at_once(const std::vector<std::vector<std::string>>& starts) const {
    std::vector<std::unique_ptr<Program>> programs;
    for (const auto& arguments : starts) programs.push_back(std::make_unique<Program>(arguments, runs_.folder()));
    std::vector<ProgramEnd> ends;
    for (const auto& program : programs) ends.push_back(program->wait());
    return ends;
  }
  static std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
  }
  static std::vector<std::string> quick(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--quiet", "--threads", "1", "train.steps=60"});
    return arguments;
  }

  RingRuns runs_;
};

// The winner writes its first picture and checkpoint when the others have long given up.
TEST_F(Race, ForAFolderHasOneWinnerThatKeepsAllThatIsIts) {
  for (int attempt = 0; attempt < 12; ++attempt) {
    const std::string run = fmt::format("run-{}", attempt);
    SCOPED_TRACE(run);
    const auto ends =
        at_once({4,
                 {"train", "ring.yaml", "--out", run, "--quiet", "--threads", "1", "train.steps=1000",
                  "checkpoint.every=1000", "sample=[{value: average, count: 9, every: 1000, plot: scatter}]"}});
    int winners = 0;
    for (const ProgramEnd& end : ends) {
      winners += end.code == 0 ? 1 : 0;
      EXPECT_THAT(end.code, AnyOf(0, 2, 6)) << end.errors;  // it holds a run already, or is in use
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(read_run(runs_.path(run) / "run.h5").steps.back(), 1000);
    EXPECT_FALSE(runs_.checkpoints(run).empty());
    EXPECT_FALSE(pictures_of(runs_.path(run)).empty());
  }
}

TEST_F(Race, ForNamesThatDuelChoosesGivesEachTrainingItsOwn) {
  const auto ends = at_once({6, quick({"train", "ring.yaml"})});
  for (const ProgramEnd& end : ends) EXPECT_EQ(end.code, 0) << end.errors;
  const auto made = entries_of(runs_.folder() / "runs/crash-ring");
  ASSERT_EQ(made.size(), ends.size());
  for (const fs::path& run : made) {
    SCOPED_TRACE(run);
    EXPECT_EQ(read_run(run / "run.h5").steps.back(), 60);
  }
}

TEST_F(Race, ForTheNameOfASweepGivesEachItsOwn) {
  runs_.write("small.yaml",
              "experiment: ring.yaml\noverrides: [\"train.steps=20\"]\nmetric: {name: d_accuracy, goal: maximize}\n"
              "method: grid\nparameters: {data.batch: {values: [8]}}\n");
  const auto ends = at_once({4, {"sweep", "small.yaml", "--quiet", "--threads", "1"}});
  for (const ProgramEnd& end : ends) EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_EQ(entries_of(runs_.folder() / "sweeps/small").size(), ends.size());
}

TEST_F(Race, OfEvaluationsOfOneStepLosesNone) {
  ASSERT_EQ(at_once({quick({"train", "ring.yaml", "--out", "scored"})}).front().code, 0);
  std::vector<std::vector<std::string>> starts;
  for (int count = 41; count <= 46; ++count) {
    starts.push_back({"evaluate", "scored", "--fake", "average", "--real", "data.point", "--metrics", "fid", "--count",
                      std::to_string(count)});
  }
  for (const ProgramEnd& end : at_once(starts)) EXPECT_EQ(end.code, 0) << end.errors;
  const auto files = entries_of(runs_.path("scored") / "evaluations");
  ASSERT_EQ(files.size(), starts.size());
  std::set<double> values;
  for (const fs::path& file : files) {
    const EvaluationFile read = read_evaluation(file);
    EXPECT_EQ(read.step, 60);
    values.insert(read.scores.at("fid").value);
  }
  EXPECT_EQ(values.size(), starts.size()) << "each of another number of samples";
}

}  // namespace
}  // namespace duel
