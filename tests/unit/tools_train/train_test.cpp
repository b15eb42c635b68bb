// The commands `train`, `resume` and `show` on run folders, as a user starts them: what they say and what they leave.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/file.hpp"
#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

// 64 images, so that a pass over them has four steps.
constexpr const char* lone_yaml = R"yaml(
name: lone
seed: 3
data: {train: {digits: {count: 64}}, batch: 16}
networks: {d: {inputs: {x: [28, 28, 1]}, layers: [flatten, dense: 3, relu, dense: 1]}}
values: {real: data.image, logits: d(real)}
players: {d: {updates: d, optimizer: {sgd: {lr: 1.0e-4}}, loss: {bce: {logits: logits, target: 1}}}}
train: {steps: 8}
sample: {value: real, count: 4, every: 1000}
checkpoint: {every: 4, keep: 100}
)yaml";

class TrainAndResume : public testing::Test {
 protected:
  TrainAndResume() { folder_.write("lone.yaml", lone_yaml); }

  fs::path path(const std::string& name) const { return folder_.path() / name; }
  ProgramEnd start(const Words& arguments) const { return run_program(arguments, folder_.path()); }
  // What it prints; it must succeed.
  std::string output_of(const Words& arguments) const {
    const ProgramEnd end = start(arguments);
    EXPECT_EQ(end.code, 0) << end.errors;
    return end.output;
  }
  void train(const std::string& run, Words overrides = {}) const {
    overrides.insert(overrides.begin(), {"train", "lone.yaml", "--out", run, "--quiet"});
    output_of(overrides);
  }
  // The objects that --json prints.
  std::vector<json> events_of(Words arguments) const {
    arguments.push_back("--json");
    std::istringstream lines(output_of(arguments));
    std::vector<json> events;
    for (std::string line; std::getline(lines, line);) events.push_back(json::parse(line));
    return events;
  }
  std::string bytes_of(const std::string& run) const { return read_text(path(run) / "run.h5"); }
  RunRecords records_of(const std::string& run) const { return read_run(path(run) / "run.h5"); }

  // As a kill leaves it that came after the checkpoint of that step.
  void forget_after(const std::string& run, int64_t step) const {
    for (const int64_t kept : checkpoint_steps(path(run) / "checkpoints")) {
      if (kept > step) fs::remove(checkpoint_path(path(run) / "checkpoints", kept));
    }
  }

  const TemporaryFolder folder_;
};

// ---- the end of a training

TEST_F(TrainAndResume, AnEndBeforeTheCheckpointIsRefusedAndNotKept) {
  train("run");
  const std::string before = bytes_of("run");
  const ProgramEnd end = start({"resume", "run", "train.steps=5"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(end.output, "");
  EXPECT_EQ(end.errors, "the run is at step 8, and its training would end at step 5; give train.steps above 8\n");
  EXPECT_EQ(bytes_of("run"), before);
  EXPECT_EQ(output_of({"resume", "run"}), "already complete at step 8; for more: duel resume run train.steps=…\n");
}

TEST_F(TrainAndResume, ACompleteRunIsLeftAsItIs) {
  train("run");
  const std::string before = bytes_of("run");
  const auto time = fs::last_write_time(path("run") / "run.h5");
  for (const Words& more : {Words{}, Words{"train.steps=8"}, Words{"players.d.optimizer.sgd.lr=1"}}) {
    Words arguments{"resume", "run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(output_of(arguments), "already complete at step 8; for more: duel resume run train.steps=…\n");
  }
  EXPECT_EQ(bytes_of("run"), before);
  EXPECT_EQ(fs::last_write_time(path("run") / "run.h5"), time);
  EXPECT_THAT(output_of({"resume", "run", "train.steps=9"}), HasSubstr("steps 9 to 9"));
}

// The step is done, but it was not the last one when it was: what belongs to the end is missing.
TEST_F(TrainAndResume, AnEndAtTheCheckpointHasItsSample) {
  train("run");
  forget_after("run", 4);
  output_of({"resume", "run", "train.steps=4", "--quiet"});
  EXPECT_THAT(records_of("run").sample_steps.at("real"), ElementsAre(4));
  EXPECT_TRUE(fs::exists(path("run") / "samples/step-000004.png"));
  EXPECT_EQ(read_checkpoint(checkpoint_path(path("run") / "checkpoints", 4)).counter("total_steps"), 4);
  EXPECT_EQ(output_of({"resume", "run"}), "already complete at step 4; for more: duel resume run train.steps=…\n");
}

TEST_F(TrainAndResume, StepsTakeThePlaceOfEpochs) {
  train("run", {"train={epochs: 2}"});
  EXPECT_EQ(records_of("run").steps.back(), 8);
  output_of({"resume", "run", "train.steps=10", "--quiet"});
  EXPECT_EQ(records_of("run").steps.back(), 10);
}

// ---- epochs

// After two passes of 4 steps, a pass has 8: 4 steps more are half of one.
TEST_F(TrainAndResume, OtherBatchesGoOnFromThePassesThatWere) {
  train("run");
  const auto epochs_of = [](const std::vector<json>& events) {
    std::vector<double> epochs;
    for (const json& event : events) {
      if (event.at("event") == "step") epochs.push_back(event.at("epoch"));
    }
    return epochs;
  };
  EXPECT_THAT(epochs_of(events_of({"resume", "run", "data.batch=8", "train.steps=12"})),
              ElementsAre(2.125, 2.25, 2.375, 2.5));
  EXPECT_THAT(epochs_of(events_of({"resume", "run", "train.steps=14"})), ElementsAre(2.625, 2.75));
  const auto third = epochs_of(events_of({"resume", "run", "data.batch=16", "train.epochs=4"}));
  ASSERT_EQ(third.size(), 5u) << "a quarter and a pass, of 4 steps each";
  EXPECT_EQ(third.back(), 4);
}

// ---- what is kept of how a run came about

TEST_F(TrainAndResume, TheStartIsKeptAndEachResumeIsAdded) {
  train("run");
  const auto started = records_of("run").provenance;
  EXPECT_THAT(records_of("run").resumes, IsEmpty());
  output_of({"resume", "run", "train.steps=9", "--threads", "1", "--quiet"});
  output_of({"resume", "run", "train.steps=10", "players.d.optimizer.sgd.lr=0.01", "--quiet"});
  const RunRecords records = records_of("run");
  auto expected = started;
  expected["total_steps"] = "10";
  EXPECT_EQ(records.provenance, expected);
  ASSERT_EQ(records.resumes.size(), 2u);
  const auto& first = records.resumes[0];
  EXPECT_EQ(first.at("step"), "8");
  EXPECT_EQ(first.at("threads"), "1");
  EXPECT_EQ(first.at("overrides"), "train.steps=9");
  EXPECT_THAT(first.at("command_line"), HasSubstr("resume run train.steps=9 --threads 1"));
  EXPECT_EQ(first.at("version"), started.at("version"));
  EXPECT_EQ(first.at("host"), started.at("host"));
  EXPECT_EQ(records.resumes[1].at("step"), "9");
  EXPECT_EQ(records.resumes[1].at("overrides"), "train.steps=10\nplayers.d.optimizer.sgd.lr=0.01");
}

TEST_F(TrainAndResume, AnotherSeedIsRefused) {
  train("run");
  const std::string before = bytes_of("run");
  const ProgramEnd end = start({"resume", "run", "seed=4", "train.steps=10"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(
      end.errors,
      "the run was started with seed 3, and a resume cannot change it; leave the seed as it is, or start a new run "
      "with 'duel train'\n");
  EXPECT_EQ(bytes_of("run"), before);
}

TEST_F(TrainAndResume, OtherLayersNameTheOverride) {
  train("run");
  const ProgramEnd end = start({"resume", "run", "train.steps=10", "networks.d.layers[1].dense=4"});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, HasSubstr("networks/d/dense_1/"));
  EXPECT_THAT(end.errors, HasSubstr("; leave away networks.d.layers[1].dense=4\n"));
}

// ---- folders

TEST_F(TrainAndResume, ATrainingThatCannotBeginLeavesNoFolder) {
  const ProgramEnd end = start({"train", "lone.yaml", "--out", "a/b/run", "sample.name=no/name"});
  EXPECT_EQ(end.code, 2) << "run.h5 cannot hold that name";
  EXPECT_FALSE(fs::exists(path("a"))) << end.errors;
  fs::create_directories(path("mine"));
  EXPECT_EQ(start({"train", "lone.yaml", "--out", "mine", "sample.name=no/name"}).code, 2);
  EXPECT_TRUE(fs::is_empty(path("mine")));
}

TEST_F(TrainAndResume, AFolderOfSomethingElseIsRefused) {
  folder_.write("used/notes.txt", "mine");
  const ProgramEnd end = start({"train", "lone.yaml", "--out", "used"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(end.errors, "used is no run, and not empty: it holds notes.txt; name a new folder, or an empty one\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(path("used")), fs::directory_iterator()), 1);
}

// Whoever is killed before there is a run.h5 has to train again.
TEST_F(TrainAndResume, AnEmptyFolderAndWhatAKillLeftAreTaken) {
  fs::create_directories(path("empty"));
  train("empty");
  fs::create_directories(path("killed/checkpoints"));
  fs::create_directories(path("killed/samples"));
  folder_.write("killed/run.lock", "123");
  folder_.write("killed/.duel-123-run.tmp", "half of it");
  train("killed");
  EXPECT_FALSE(fs::exists(path("killed/.duel-123-run.tmp")));
}

TEST_F(TrainAndResume, ARunShowsItsExperiment) {
  train("run", {"data.batch=8"});
  const std::string shown = output_of({"show", "run"});
  EXPECT_THAT(shown, HasSubstr("batch: 8"));
  EXPECT_THAT(shown, HasSubstr("dense_1"));
  EXPECT_THAT(output_of({"show", "run", "data.batch=4"}), HasSubstr("batch: 4"));
}

// Two losses, of which the first phase plays one.
const Words in_phases{
    "players.d.loss={left: {bce: {logits: logits, target: 1}}, right: {bce: {logits: logits, target: 0}}}",
    "train={phases: [{name: first, steps: 2, turns: [d.left]}, {epochs: 1, turns: [d.right: 2, d.left]}]}"};

TEST_F(TrainAndResume, ARunShowsItsPhases) {
  train("run", in_phases);
  const std::string shown = output_of({"show", "run"});
  EXPECT_THAT(shown, HasSubstr("0    first            2 steps        d.left\n"));
  EXPECT_THAT(shown, HasSubstr("1                     1 epoch        d.right: 2, d.left\n"));
  EXPECT_THAT(output_of({"show", "run", "--graph"}), Not(HasSubstr("d.right.loss")));
  EXPECT_EQ(output_of({"show", "run", "--graph", "--phase", "first"}), output_of({"show", "run", "--graph"}));
  EXPECT_THAT(output_of({"show", "run", "--graph", "--phase", "1"}), HasSubstr("d.right.loss"));
  const ProgramEnd end = start({"show", "run", "--graph", "--phase", "2"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(end.errors, "the training has no phase '2'; it has 2, counted from 0\n");
  EXPECT_EQ(output_of({"resume", "run"}),
            "already complete at step 4; for more: duel resume run "
            "train.phases[1].steps=…\n");
}

// ---- --json

TEST_F(TrainAndResume, LossesThatAPhaseDoesNotPlayAreNull) {
  Words arguments{"train", "lone.yaml", "--out", "run"};
  arguments.insert(arguments.end(), in_phases.begin(), in_phases.end());
  std::vector<bool> missing;
  for (const json& event : events_of(arguments)) {
    if (event.at("event") != "step") continue;
    const json& metrics = event.at("metrics");
    missing.push_back(metrics.at("d.right.loss").is_null());
    EXPECT_EQ(metrics.at("d.right.gradient").is_null(), missing.back());
    EXPECT_TRUE(metrics.at("d.left.gradient").is_number());
  }
  EXPECT_THAT(missing, ElementsAre(true, true, false, false));
  EXPECT_THAT(output_of({"compare", "run", "--metrics", "d.right.loss,d.left.gradient"}), Not(HasSubstr("nan")));
}

// The line of progress has losses and metrics; gradients are for those who look for them.
TEST_F(TrainAndResume, GradientsAreRecordedAndNotTold) {
  EXPECT_THAT(output_of({"train", "lone.yaml", "--out", "run"}), Not(HasSubstr("d.gradient")));
  EXPECT_EQ(records_of("run").metrics.at("d.gradient").size(), 8u);
}

// The table of docs/run-folder.md: the keys of each event.
std::map<std::string, std::set<std::string>> documented_events() {
  std::istringstream lines(read_text(fs::path(DUEL_SOURCE_DIR) / "docs/run-folder.md"));
  std::map<std::string, std::set<std::string>> events;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) inside = line == "## What --json prints";
    if (!inside || !line.starts_with("| `")) continue;
    std::vector<std::string> quoted;  // of the first two cells
    for (std::size_t at = line.find('`'); at != std::string::npos && at < line.find('|', line.find('|', 1) + 1);) {
      const std::size_t end = line.find('`', at + 1);
      quoted.push_back(line.substr(at + 1, end - at - 1));
      at = line.find('`', end + 1);
    }
    events[quoted.at(0)] = std::set<std::string>(quoted.begin() + 1, quoted.end());
  }
  return events;
}

std::set<std::string> keys_of_event(const json& event) {
  std::set<std::string> keys;
  for (const auto& [key, value] : event.items()) {
    if (key != "event") keys.insert(key);
  }
  return keys;
}

TEST_F(TrainAndResume, EventsHaveTheDocumentedKeys) {
  const auto documented = documented_events();
  std::vector<json> events =
      events_of({"train", "lone.yaml", "--out", "run",
                 "evaluate={real: data.image, fake: data.image, count: 20, range: [0, 255], metrics: ssim, every: 4}",
                 "train.until={ssim: {above: 0}}", "checkpoint.best=ssim"});
  const auto resumed = events_of({"resume", "run", "train.steps=20", "~train.until"});
  events.insert(events.end(), resumed.begin(), resumed.end());
  forget_after("run", -1);
  const auto anew = events_of({"resume", "run"});  // with a warning
  events.insert(events.end(), anew.begin(), anew.end());
  std::set<std::string> seen;
  for (const json& event : events) {
    const std::string name = event.at("event");
    ASSERT_TRUE(documented.contains(name)) << event;
    EXPECT_EQ(keys_of_event(event), documented.at(name)) << event;
    seen.insert(name);
  }
  for (const auto& [name, keys] : documented) EXPECT_TRUE(seen.contains(name)) << name;
}

TEST_F(TrainAndResume, StepEventsAreThoseOfTheRecordsAndTheLastIsDone) {
  const auto events = events_of({"train", "lone.yaml", "--out", "run", "train.log_every=3"});
  std::vector<int64_t> steps;
  for (const json& event : events) {
    if (event.at("event") == "step") steps.push_back(event.at("step"));
  }
  EXPECT_THAT(steps, ElementsAre(3, 6, 8));
  EXPECT_EQ(steps, records_of("run").steps);
  EXPECT_EQ(events.back(), json({{"event", "done"},
                                 {"status", "complete"},
                                 {"run", "run"},
                                 {"step", 8},
                                 {"picture", "run/samples/step-000008.png"}}));
  const auto again = events_of({"resume", "run"});
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].at("status"), "already complete");
}

// ---- sample

TEST_F(TrainAndResume, SampleSaysWhatIsWrongWithTheValue) {
  train("run");
  const auto errors = [&](const std::string& value) {
    const ProgramEnd end = start({"sample", "run", "--value", value, "-o", "s.png"});
    EXPECT_EQ(end.code, 2);
    return end.errors;
  };
  EXPECT_EQ(errors("reel"), "--value: no value is called 'reel'; did you mean 'real'?\n");
  EXPECT_EQ(errors("e(real)"), "--value: no network or function is called 'e'; did you mean 'd'?\n");
  EXPECT_EQ(errors("d(real)"), "--value: grid: expected images [count, height, width, 1 or 3], found [4, 1]\n");
  EXPECT_THAT(errors("real +"), StartsWith("--value: "));
}

}  // namespace
}  // namespace duel
