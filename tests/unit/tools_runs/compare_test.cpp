// duel compare, as a user starts it.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "store/evaluation_file.hpp"
#include "tests/support/program/program_on_runs.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Compare : public ProgramOnRuns {
 protected:
  void write_sweep() const {
    write("sweep/trials/a", "1e-3", 1, 10);
    write("sweep/trials/b", "1e-3", 2, 14);
    write("sweep/trials/c", "0.001", 3, 12);
    write("sweep/trials/d", "1e-2", 1, 7);
  }
  Words folders_of(const Words& arguments) const {
    Words with = arguments;
    with.push_back("--json");
    Words folders;
    const json printed = json::parse(text(with));
    for (const json& run : printed.at("runs")) folders.push_back(run.at("run"));
    return folders;
  }
};

TEST_F(Compare, PrintsWhatDiffersBesideTheScores) {
  write_sweep();
  EXPECT_EQ(text({"compare", "sweep"}),
            "state     step   seed  lr     fid  run\n"
            "complete  30/30  1     1e-3   10   sweep/trials/a\n"
            "complete  30/30  2     1e-3   14   sweep/trials/b\n"
            "complete  30/30  3     0.001  12   sweep/trials/c\n"
            "complete  30/30  1     1e-2   7    sweep/trials/d\n");
}

TEST_F(Compare, ShowsTheLastValueOrTheBest) {
  write("rising", {.record = R"({"metric":"fid","better":"higher"})"});
  EXPECT_THAT(text({"compare", "rising"}), HasSubstr("  70   rising"));
  EXPECT_THAT(text({"compare", "rising", "--best"}), HasSubstr("  90   rising"));
}

TEST_F(Compare, ShowsMetricsOfTrainingWhereThereAreNoOthers) {
  write("run", {.evaluations = {}});
  EXPECT_EQ(text({"compare", "run"}), "state     step   loss       run\ncomplete  30/30  0.0333333  run\n");
  write("other");
  EXPECT_THAT(text({"compare", "other", "--metrics", "loss,fid"}), HasSubstr("loss       fid  run\n"));
}

TEST_F(Compare, TakesAnEvaluationThatWasAskedForLater) {
  const fs::path run = write("run");
  fs::create_directories(run / "evaluations");
  write_evaluation(run / "evaluations/quality-step-000030.h5",
                   {"quality", 30, "20261122-031500", {{"fid", {3, {}, {}, R"({"metric":"fid"})"}}}});
  EXPECT_THAT(text({"compare", "run"}), HasSubstr("  3    run\n"));
}

TEST_F(Compare, TellsMetricsOfSeveralEvaluationsApart) {
  write("run", {.evaluations = {{"coarse", {"fid"}}, {"fine", {"fid"}}}});
  EXPECT_THAT(text({"compare", "run"}), HasSubstr("coarse.fid  fine.fid  run\n"));
  EXPECT_THAT(refusal({"compare", "run", "--metrics", "fid"}), HasSubstr("write one of: coarse.fid, fine.fid"));
}

TEST_F(Compare, ListsStoppedAndDamagedRunsBesideTheOthers) {
  write("runs/a");
  write("runs/b", {.steps = 12});
  fs::resize_file(write("runs/c") / "run.h5", 1000);
  EXPECT_THAT(text({"compare", "runs"}),
              AllOf(HasSubstr("stopped   12/30  90   runs/b"), HasSubstr("damaged   -      -    runs/c"),
                    HasSubstr("\nruns/c: runs/c/run.h5: ")));
}

// ---- filters

TEST_F(Compare, FiltersByParametersMetricsAndState) {
  write_sweep();
  write("sweep/stopped", {.steps = 12});
  const auto where = [&](const std::string& condition) {
    return folders_of({"compare", "sweep", "--where", condition});
  };
  EXPECT_THAT(where("g.optimizer.adam.lr=0.001"), ElementsAre("sweep/trials/a", "sweep/trials/b", "sweep/trials/c"));
  EXPECT_THAT(where("fid<=10"), ElementsAre("sweep/trials/a", "sweep/trials/d"));
  EXPECT_THAT(where("fid<10"), ElementsAre("sweep/trials/d"));
  EXPECT_THAT(where("fid > 14"), ElementsAre("sweep/stopped"));
  EXPECT_THAT(where("seed>=3"), ElementsAre("sweep/stopped", "sweep/trials/c"));
  EXPECT_THAT(where("state=stopped"), ElementsAre("sweep/stopped"));
  EXPECT_THAT(where("state!=complete"), ElementsAre("sweep/stopped"));
  EXPECT_THAT(where("name!=small"), ElementsAre());
  EXPECT_THAT(where("players.g.optimizer.adam.lr!=1e-2"),
              ElementsAre("sweep/stopped", "sweep/trials/a", "sweep/trials/b", "sweep/trials/c"))
      << "what a run does not set is unequal to everything";
  EXPECT_THAT(folders_of({"compare", "sweep", "--where", "fid<20", "--where", "seed=1"}),
              ElementsAre("sweep/trials/a", "sweep/trials/d"));
}

TEST_F(Compare, RefusesConditionsThatItCannotRead) {
  write_sweep();
  const auto where = [&](const std::string& condition) { return refusal({"compare", "sweep", "--where", condition}); };
  EXPECT_EQ(where("fidd<3"), "--where 'fidd<3': no parameter or metric is called 'fidd'; did you mean 'fid'?\n");
  EXPECT_EQ(where("sed=3"), "--where 'sed=3': no parameter or metric is called 'sed'; did you mean 'seed'?\n");
  EXPECT_EQ(where("fid"), "--where 'fid': not a condition; write NAME<VALUE, or <=, >, >=, =, !=\n");
  EXPECT_EQ(where("fid=="), "--where 'fid==': not a condition; write NAME<VALUE, or <=, >, >=, =, !=\n");
  EXPECT_EQ(where("seed<few"), "--where 'seed<few': 'few' is no number; compare texts by = or !=\n");
  EXPECT_THAT(where("state=ready"), HasSubstr("no state is called 'ready'"));
}

TEST_F(Compare, RefusesAnEndThatSeveralParametersHave) {
  write("runs/a", {.resolved = "p: {lr: 1}\nq: {lr: 2}\n"});
  write("runs/b", {.resolved = "p: {lr: 2}\nq: {lr: 3}\n"});
  EXPECT_THAT(text({"compare", "runs"}), HasSubstr("p.lr  q.lr"));
  EXPECT_EQ(refusal({"compare", "runs", "--where", "lr<3"}),
            "--where 'lr<3': several parameters are called 'lr'; write one of: p.lr, q.lr\n");
}

// ---- order

TEST_F(Compare, SortsAndCuts) {
  write_sweep();
  write("sweep/none", {.evaluations = {}});
  EXPECT_THAT(folders_of({"compare", "sweep", "--min", "fid"}),
              ElementsAre("sweep/trials/d", "sweep/trials/a", "sweep/trials/c", "sweep/trials/b", "sweep/none"));
  EXPECT_THAT(folders_of({"compare", "sweep", "--max", "fid", "--top", "2"}),
              ElementsAre("sweep/trials/b", "sweep/trials/c"));
  EXPECT_THAT(folders_of({"compare", "sweep", "--max", "loss", "--where", "seed=2"}), ElementsAre("sweep/trials/b"));
  EXPECT_EQ(refusal({"compare", "sweep", "--top", "2"}), "--top: the first of what?; say it with --min or --max\n");
  EXPECT_THAT(refusal({"compare", "sweep", "--min", "run"}), HasSubstr("there are no numbers to sort by"));
}

// ---- unlike protocols

TEST_F(Compare, SaysWhichScoresAreUnlikeAndDoesNotRankThem) {
  write("runs/a", {.fid = 5, .record = R"({"metric":"fid","n_fake":200,"better":"lower"})"});
  write("runs/b", {.fid = 4, .record = R"({"metric":"fid","n_fake":100,"better":"lower"})"});
  const std::string difference = "fid of runs/b is not comparable with that of runs/a: n_fake: 200, 100";
  EXPECT_THAT(text({"compare", "runs"}), HasSubstr("\n" + difference + "\n"));
  EXPECT_THAT(refusal({"compare", "runs", "--min", "fid"}),
              AllOf(HasSubstr("--min fid: " + difference), HasSubstr("--mix-protocols")));
  EXPECT_THAT(folders_of({"compare", "runs", "--min", "fid", "--mix-protocols"}), ElementsAre("runs/b", "runs/a"));
  EXPECT_THAT(folders_of({"compare", "runs", "--min", "step"}), ElementsAre("runs/a", "runs/b"));
  const json unlike = json::parse(text({"compare", "runs", "--json"})).at("unlike");
  EXPECT_EQ(unlike,
            json::parse(R"([{"metric":"fid","run":"runs/a","others":["runs/b"],"differences":["n_fake: 200, 100"]}])"));
  const ProgramEnd csv = run({"compare", "runs", "--csv"});
  EXPECT_THAT(csv.output, Not(HasSubstr("comparable")));
  EXPECT_THAT(csv.errors, HasSubstr(difference));
}

// ---- groups

TEST_F(Compare, TakesMeansOverSeeds) {
  write_sweep();
  // mean 12, deviation 2: its error is 2/√3
  const std::string expected =
      "lr    n  fid\n"
      "1e-3  3  12 ± 1.15\n"
      "1e-2  1  7\n";
  EXPECT_EQ(text({"compare", "sweep", "--group-by", "all-but-seed"}), expected);
  EXPECT_EQ(text({"compare", "sweep", "--group-by", "lr"}), expected);
  EXPECT_EQ(text({"compare", "sweep", "--group-by", "lr", "--min", "fid", "--top", "1"}), "lr    n  fid\n1e-2  1  7\n");
  EXPECT_EQ(text({"compare", "sweep", "--group-by", "lr, state"}),
            "lr    state     n  fid\n"
            "1e-3  complete  3  12 ± 1.15\n"
            "1e-2  complete  1  7\n");
  const json groups = json::parse(text({"compare", "sweep", "--group-by", "lr", "--json"})).at("groups");
  EXPECT_EQ(groups[0].at("metrics").at("fid").at("mean"), 12);
  EXPECT_NEAR(groups[0].at("metrics").at("fid").at("standard_error").get<double>(), 2 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(groups[0].at("runs").size(), 3U);
  EXPECT_TRUE(groups[1].at("metrics").at("fid").at("standard_error").is_null());
}

TEST_F(Compare, TakesNoMeanOfUnlikeScores) {
  write("runs/a", {.fid = 4, .record = R"({"metric":"fid","n_fake":200,"better":"lower"})"});
  write("runs/b", {.fid = 2, .record = R"({"metric":"fid","n_fake":100,"better":"lower"})"});
  EXPECT_THAT(text({"compare", "runs", "--group-by", "state"}), HasSubstr("complete  2  -\n\nfid of runs/b is not"));
  EXPECT_THAT(text({"compare", "runs", "--group-by", "state", "--mix-protocols"}), HasSubstr("complete  2  3 ± 1\n"));
}

TEST_F(Compare, ShowsTheParametersThatAreAskedFor) {
  write_sweep();
  EXPECT_THAT(text({"compare", "sweep", "--parameters", "seed,d.optimizer.adam.lr", "--metrics", "fid"}),
              testing::StartsWith("state     step   seed  players.d.optimizer.adam.lr  fid"));
  EXPECT_THAT(refusal({"compare", "sweep", "--parameters", "lrr"}), HasSubstr("no parameter is called 'lrr'"));
}

TEST_F(Compare, SaysThatManyParametersDifferAndThatNoRunIsLeft) {
  for (const std::string name : {"a", "b"}) {
    WrittenRun run;
    run.resolved = "name: small\ntrain: {steps: 30}\nvars: {";
    for (int i = 0; i < 13; ++i) run.resolved += fmt::format("{}p{}: {}", i == 0 ? "" : ", ", i, name);
    run.resolved += "}\n";
    write("runs/" + name, run);
  }
  EXPECT_THAT(text({"compare", "runs"}), HasSubstr("the runs differ in 13 parameters: --parameters"));
  EXPECT_THAT(text({"compare", "runs", "--where", "p1=c"}), HasSubstr("\n\nno run is left: --where lets none pass\n"));
}

TEST_F(Compare, GroupsByWhatWasAskedForAlone) {
  write_sweep();
  const auto by = [&](const std::string& names) { return refusal({"compare", "sweep", "--group-by", names}); };
  EXPECT_EQ(by("fid"), "--group-by: fid is a metric, of which groups have the mean; name parameters, state or trial\n");
  EXPECT_EQ(by("lr,step"),
            "--group-by: step says how far a run is, not what it was asked for; name parameters, state or trial\n");
  EXPECT_THAT(by("seconds"), HasSubstr("seconds says how far a run is"));
  EXPECT_THAT(by("run"), HasSubstr("run tells every run from the others"));
  EXPECT_THAT(by("lr,"), HasSubstr("no parameter or metric is called ''"));
}

TEST_F(Compare, SaysOfHowManyAMeanIsWhereSomeLackTheMetric) {
  write_sweep();
  write("sweep/early", {.resolved = "name: small\nplayers: {g: {optimizer: {adam: {lr: 1e-3}}}, d: {optimizer: {adam: "
                                    "{lr: 0.5}}}}\ntrain: {steps: 30}\n",
                        .steps = 2});
  EXPECT_THAT(text({"compare", "sweep", "--group-by", "lr"}), HasSubstr("1e-3  4  12 ± 1.15 (n 3)"));
}

// ---- other forms

TEST_F(Compare, PrintsCommaSeparatedValues) {
  write("runs/a", {.resolved = "name: 'a, \"b\"'\nbetas: [0.5, 0.9]\n"});
  write("runs/b", {.resolved = "name: c\nbetas: [0, 0.9]\n"});
  EXPECT_EQ(text({"compare", "runs", "--csv"}),
            "state,step,name,betas,fid,run\r\n"
            "complete,30,\"a, \"\"b\"\"\",\"[0.5, 0.9]\",70,runs/a\r\n"
            "complete,30,c,\"[0, 0.9]\",70,runs/b\r\n")
      << "the quotes of YAML are none of the value";
}

TEST_F(Compare, TellsTextsInQuotesFromNumbers) {
  write("runs/a", {.resolved = "seed: 1\nname: 'it''s \\ \"b\"'\nsplit: \"1\"\n"});
  write("runs/b", {.resolved = "seed: 1.5\nname: \"a\\tb\"\nsplit: 'true'\n"});
  const json printed = json::parse(text({"compare", "runs", "--json"})).at("runs");
  EXPECT_EQ(printed[0].at("parameters"), json::parse(R"({"seed": 1, "name": "it's \\ \"b\"", "split": "1"})"));
  EXPECT_EQ(printed[1].at("parameters"), json::parse(R"({"seed": 1.5, "name": "a\tb", "split": "true"})"));
  EXPECT_THAT(folders_of({"compare", "runs", "--where", R"(name=it's \ "b")"}), ElementsAre("runs/a"));
  EXPECT_THAT(folders_of({"compare", "runs", "--where", R"(name='it''s \ "b"')"}), ElementsAre("runs/a"));
  EXPECT_THAT(folders_of({"compare", "runs", "--where", R"(name="a\tb")"}), ElementsAre("runs/b"));
  EXPECT_THAT(refusal({"compare", "runs", "--where", R"(name="a)"}),
              AllOf(HasSubstr("--where 'name=\"a': "), HasSubstr("; write a text in quotes as YAML has it")));
}

TEST_F(Compare, PrintsJson) {
  write_sweep();
  const json run = json::parse(text({"compare", "sweep", "--json"})).at("runs").at(3);
  EXPECT_EQ(run.at("state"), "complete");
  EXPECT_EQ(run.at("parameters"), json::parse(R"({"seed": 1, "players.g.optimizer.adam.lr": 0.01})"));
  EXPECT_EQ(run.at("metrics"), json::parse(R"({"fid": {"value": 7, "uncertainty": null, "step": 30}})"));
  EXPECT_EQ(run.at("total_steps"), 30);
}

TEST_F(Compare, RefusesFoldersWithoutRuns) {
  EXPECT_EQ(refusal({"compare", "absent"}), "absent is not there; name folders of runs, or folders that hold some\n");
}

// ---- experiments

TEST_F(Compare, ShowsWhatDiffersInTwoExperimentFiles) {
  folder_.write("base.yaml", "name: one\nseed: 1\ntrain: {steps: 10}\n");
  folder_.write("two.yaml", "extends: base.yaml\nname: one\nseed: 1.0\ntrain:\n  steps: 20\nsample: {count: 4}\n");
  EXPECT_EQ(text({"compare", "base.yaml", "two.yaml"}),
            "train.steps\n"
            "  base.yaml  10  base.yaml:3\n"
            "  two.yaml   20  two.yaml:5\n"
            "sample.count\n"
            "  base.yaml  not set\n"
            "  two.yaml   4        two.yaml:6\n");
  EXPECT_EQ(text({"compare", "base.yaml", "base.yaml"}), "the experiments do not differ\n");
  EXPECT_THAT(refusal({"compare", "base.yaml"}), HasSubstr("name two"));
  EXPECT_THAT(refusal({"compare", "base.yaml", "two.yaml", "--min", "fid"}), HasSubstr("leave out all options"));
}

TEST_F(Compare, ShowsWhatDiffersInTheExperimentsOfRuns) {
  write("a", {.resolved = "seed: 1\n", .origins = R"({"seed":"gan.yaml:2"})"});
  write("b", {.resolved = "seed: 2\n", .origins = R"({"seed":"override 'seed=2'"})"});
  EXPECT_EQ(text({"compare", "--diff", "a", "b"}), "seed\n  a  1  gan.yaml:2\n  b  2  override 'seed=2'\n");
  EXPECT_EQ(json::parse(text({"compare", "--diff", "a", "b", "--json"})),
            json::parse(R"([{"key":"seed","a":{"value":1,"origin":"gan.yaml:2"},
                             "b":{"value":2,"origin":"override 'seed=2'"}}])"));
  fs::resize_file(folder_.path() / "b/run.h5", 100);
  EXPECT_THAT(refusal({"compare", "--diff", "a", "b"}, 3), HasSubstr("b/run.h5"));
}

}  // namespace
}  // namespace duel
