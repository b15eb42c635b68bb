// duel list, as a user starts it.
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/support/program/program_on_runs.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class List : public ProgramOnRuns {
 protected:
  List() {
    write("runs/a", {.provenance = {{"total_steps", "30"}, {"started", "20261122-031500"}}});
    write("runs/b", {.steps = 12});
    fs::resize_file(write("runs/c") / "run.h5", 1000);
  }
};

TEST_F(List, SaysHowFarRunsAreAndWhatToDo) {
  const FileLock held(write("runs/d", {.steps = 20}) / "run.lock");
  const std::string listed = text({"list"});
  EXPECT_THAT(listed,
              HasSubstr("state     name   step   started              seconds  best fid  run     next\n"
                        "complete  small  30/30  2026-11-22 03:15:00  15.0     70        runs/a\n"
                        "stopped   small  12/30  -                    6.0      90        runs/b  duel resume runs/b\n"
                        "damaged   -      -      -                    -        -         runs/c  see below\n"
                        "running   small  20/30  -                    10.0     80        runs/d  it trains\n"
                        "\nruns/c: runs/c/run.h5: "));
}

TEST_F(List, PrintsJson) {
  const json list = json::parse(text({"list", "runs/b", "runs/a", "--metric", "loss", "--json"}));
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("run"), "runs/b");
  EXPECT_EQ(list[0].at("state"), "stopped");
  EXPECT_TRUE(list[0].at("started").is_null());
  EXPECT_EQ(list[1].at("best").at("metric"), "loss");
  EXPECT_EQ(list[1].at("started"), "2026-11-22 03:15:00");
}

TEST_F(List, SaysWhyRunsEnded) {
  write("runs/e", {.steps = 7});
  folder_.write("runs/e/failure.txt", "step 8: loss is nan; lower the learning rate\n");
  EXPECT_THAT(text({"list", "runs/e"}), HasSubstr("\n\nruns/e: step 8: loss is nan; lower the learning rate\n"));
  const json list = json::parse(text({"list", "runs/a", "runs/e", "--json"}));
  EXPECT_TRUE(list[0].at("failure").is_null());
  EXPECT_EQ(list[1].at("failure"), "step 8: loss is nan; lower the learning rate");
}

TEST_F(List, RefusesUnknownMetricsAndFoldersWithoutRuns) {
  EXPECT_EQ(refusal({"list", "--metric", "fidd"}), "--metric: no metric is called 'fidd'; did you mean 'fid'?\n");
  EXPECT_THAT(refusal({"list", "absent"}), HasSubstr("absent is not there"));
}

}  // namespace
}  // namespace duel
