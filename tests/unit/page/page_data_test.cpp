#include "page/page_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "plugins/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json json_of(std::span<const PageRun> runs, bool live, uint64_t other_bytes = 0, const PageLimits& limits = {}) {
  return json::parse(page_data(runs, live, other_bytes, limits).json);
}

PageRun run_at(const std::string& folder, std::vector<RunParameter> parameters = {}) {
  PageRun run;
  run.entry.folder = folder;
  run.entry.state = RunState::complete;
  run.entry.name = "ring";
  run.entry.parameters = std::move(parameters);
  return run;
}

PageRun with_records(PageRun run, std::size_t count, std::size_t metrics = 1) {
  for (std::size_t i = 0; i < count; ++i) {
    run.entry.records.steps.push_back(static_cast<int64_t>(i + 1));
    run.entry.records.seconds.push_back(static_cast<double>(i));
  }
  for (std::size_t m = 0; m < metrics; ++m) {
    run.entry.records.metrics[fmt::format("metric_{}", m)] = std::vector<double>(count, 0.5);
  }
  return run;
}

RunScore score_at(int64_t step, const std::string& features, double value = 2, bool later = false) {
  EvaluationRecord record;
  record.metric = "fid";
  record.value = value;
  record.uncertainty = 0.25;
  record.n_real = record.n_fake = 100;
  record.floor = Floor{0.5, 50};
  record.protocol.features = features;
  record.protocol.parameters = {{"k", "5"}};
  record.warnings = {"few samples"};
  return {"quality", "fid", step, value, record, later};
}

PageRun with_scores(PageRun run, const std::string& features) {
  run.entry.records.evaluations["quality"] = {{10, 20}, {1.5, 3}, {}};
  run.entry.scores = {score_at(10, features), score_at(20, features)};
  return run;
}

PageRun with_later(PageRun run, int64_t step, const std::string& features, double value = 2) {
  run.entry.scores.push_back(score_at(step, features, value, true));
  std::ranges::stable_sort(run.entry.scores, {}, &RunScore::step);
  return run;
}

TEST(RunIds, AreWhatTheFoldersDoNotShare) {
  const std::vector<PageRun> runs{run_at("runs/ring/a"), run_at("runs/ring/b/"), run_at("runs/dcgan/a")};
  EXPECT_THAT(run_ids(runs), ElementsAre("ring/a", "ring/b", "dcgan/a"));
  EXPECT_THAT(run_ids(std::span(runs).first(2)), ElementsAre("a", "b"));
  EXPECT_THAT(run_ids(std::span(runs).first(1)), ElementsAre("a"));
}

TEST(RunIds, OfAFolderWithinAnotherAreUnique) {
  const std::vector<PageRun> runs{run_at("/data/runs"), run_at("/data/runs/later")};
  EXPECT_THAT(run_ids(runs), ElementsAre("runs", "runs/later"));
}

TEST(RunIds, OfTheFolderOneIsInIsItsName) {
  const std::string here = std::filesystem::current_path().filename().string();
  EXPECT_THAT(run_ids(std::vector{run_at(".")}), ElementsAre(here));
  EXPECT_THAT(run_ids(std::vector{run_at("a"), run_at("./b/../c")}), ElementsAre("a", "c"));
  EXPECT_THAT(run_ids(std::vector<PageRun>{}), IsEmpty());
}

TEST(SeedGroups, HoldRunsThatDifferInTheSeedAlone) {
  PageRun damaged = run_at("d");
  damaged.entry.state = RunState::damaged;
  const std::vector<PageRun> runs{run_at("a", {{"seed", "1", ""}, {"train.steps", "10", ""}}),
                                  run_at("b", {{"seed", "2", ""}, {"train.steps", "1e1", ""}}),
                                  run_at("c", {{"seed", "1", ""}, {"train.steps", "20", ""}}), damaged, damaged};
  EXPECT_THAT(seed_groups(runs), ElementsAre(0, 0, 1, 2, 3));
}

TEST(PageData, TellsParametersThatDifferFromThoseThatAllShare) {
  PageRun damaged = run_at("d");
  damaged.entry.state = RunState::damaged;
  const std::vector<PageRun> runs{
      run_at("a", {{"name", "ring", ""}, {"lr", "1e-3", ""}, {"seed", "1", ""}, {"extra", "x", ""}}),
      run_at("b", {{"name", "ring", ""}, {"lr", "0.001", ""}, {"seed", "2", ""}}), damaged};
  const json data = json_of(runs, false);
  EXPECT_EQ(data["shared_parameters"], json::parse(R"([["name", "ring"], ["lr", "1e-3"]])"));
  EXPECT_EQ(data["parameters"], json({{{"key", "seed"}, {"heading", "seed"}, {"values", {"1", "2", nullptr}}},
                                      {{"key", "extra"}, {"heading", "extra"}, {"values", {"x", nullptr, nullptr}}}}));
}

TEST(PageData, CallsParametersByTheEndsThatTellThemApart) {
  const std::vector<PageRun> runs{
      run_at("a", {{"players.g.adam.lr", "1", ""}, {"players.d.adam.lr", "1", ""}, {"train.steps", "1", ""}}),
      run_at("b", {{"players.g.adam.lr", "2", ""}, {"players.d.adam.lr", "2", ""}, {"train.steps", "2", ""}})};
  std::vector<std::string> headings;
  const json data = json_of(runs, false);
  for (const json& parameter : data["parameters"]) headings.push_back(parameter["heading"]);
  EXPECT_THAT(headings, ElementsAre("g.adam.lr", "d.adam.lr", "steps"));
}

TEST(PageData, HasATitle) {
  EXPECT_EQ(json_of(std::vector{run_at("x/a")}, false)["title"], "a");
  EXPECT_EQ(json_of(std::vector{run_at("a"), run_at("b")}, false)["title"], "2 runs of ring");
  EXPECT_EQ(json_of(std::vector<PageRun>{}, true)["title"], "no runs yet");
  EXPECT_EQ(page_data(std::vector{run_at("x/a\xff")}, false).title, "a\xef\xbf\xbd");
}

TEST(PageData, SaysWhyARunEndedBeforeItsEnd) {
  PageRun trial = run_at("a"), alone = run_at("b");
  trial.entry.trial = SweepTrial{"sweep", 1, "failed", "no such file"};
  alone.entry.failure = "step 3: loss is nan";
  const json data = json_of(std::vector{trial, alone, run_at("c")}, false);
  EXPECT_EQ(data["runs"][0]["message"], "no such file");
  EXPECT_EQ(data["runs"][1]["message"], "step 3: loss is nan");
  EXPECT_EQ(data["runs"][2]["message"], "");
}

TEST(PageData, KeepsShortCurvesWhole) {
  const json data = json_of(std::vector{with_records(run_at("a"), 6000)}, false);
  EXPECT_TRUE(data["thinned"].is_null());
  EXPECT_TRUE(data["runs"][0]["metrics"][0]["at"].is_null());
  EXPECT_EQ(data["runs"][0]["metrics"][0]["values"][2], 6000);
  EXPECT_EQ(data["runs"][0]["records"], 6000);
}

TEST(PageData, ThinsCurvesOutToWhatTogetherFits) {
  const std::vector<PageRun> runs(10, with_records(run_at("a"), 10000, 2));
  PageLimits limits;
  limits.most_numbers = 6000;
  const json data = json_of(runs, false, 0, limits);
  EXPECT_EQ(data["thinned"], json({{"above", 300}, {"stretches", 100}}));
  std::size_t numbers = 0;
  for (const json& run : data["runs"]) {
    for (const json& metric : run["metrics"]) {
      numbers += metric["values"][2].get<std::size_t>() + metric["means"][2].get<std::size_t>();
    }
  }
  EXPECT_LE(numbers, 6000U);
}

TEST(PageData, KeepsOfStepsOnlyWhereTheyBeginToRiseOtherwise) {
  PageRun run = with_records(run_at("a"), 100'000);
  json steps = json_of(std::vector{run}, false)["runs"][0]["steps"];
  EXPECT_EQ(steps["at"][2], 2);
  EXPECT_EQ(steps["steps"][2], 2);
  for (std::size_t i = 50'000; i < run.entry.records.steps.size(); ++i) run.entry.records.steps[i] += 7;
  steps = json_of(std::vector{run}, false)["runs"][0]["steps"];
  EXPECT_EQ(steps["at"][2], 4);
  for (std::size_t i = 0; i < run.entry.records.steps.size(); ++i)
    run.entry.records.steps[i] = static_cast<int64_t>(i * i);
  steps = json_of(std::vector{run}, false)["runs"][0]["steps"];
  EXPECT_EQ(steps["at"][2], 1000) << "as many as of time";
}

TEST(PageData, GivesLikeScoresOneProtocol) {
  const std::vector<PageRun> runs{with_scores(run_at("a"), "pixels"), with_scores(run_at("b"), "pixels"),
                                  with_scores(run_at("c"), "values")};
  const json data = json_of(runs, false);
  ASSERT_EQ(data["protocols"].size(), 2U);
  EXPECT_EQ(data["protocols"][0]["features"], "pixels");
  EXPECT_EQ(data["protocols"][0]["n_fake"], "100");
  EXPECT_EQ(data["protocols"][0]["parameters.k"], "5");
  EXPECT_TRUE(data["protocols"][0]["split"].is_null());
  EXPECT_EQ(data["runs"][0]["scores"][0]["points"], json({{10, 1.5, 2.0, 0.25, 0.5, 0}, {20, 3.0, 2.0, 0.25, 0.5, 0}}));
  EXPECT_EQ(data["runs"][1]["scores"][0]["points"][0][5], 0);
  EXPECT_EQ(data["runs"][2]["scores"][0]["points"][0][5], 1);
  EXPECT_EQ(data["runs"][0]["scores"][0]["floor_n"], 50);
  EXPECT_EQ(data["runs"][0]["scores"][0]["warnings"], json({"few samples"}));
}

TEST(PageData, TakesScoresWithoutARecordAsNotKnown) {
  PageRun run = run_at("a");
  run.entry.scores = {{"quality", "fid", 10, 2, std::nullopt, false}};
  const json data = json_of(std::vector{run}, false);
  EXPECT_TRUE(data["protocols"][0]["features"].is_null());
  EXPECT_TRUE(data["protocols"][0]["better"].is_null());
  EXPECT_TRUE(data["runs"][0]["scores"][0]["points"][0][3].is_null());
}

TEST(PageData, HasOfValuesThatAreNoNumbersNone) {
  PageRun run = run_at("a");
  run.entry.scores = {score_at(10, "pixels", NAN)};
  EXPECT_TRUE(json_of(std::vector{run}, false)["runs"][0]["scores"][0]["points"][0][2].is_null());
}

// What `duel compare` says of the same runs, see tests/unit/tools_runs.
TEST(PageData, CallsScoresUnlikeByTheLastOfEachRun) {
  PageRun a = with_scores(run_at("a"), "pixels"), b = with_scores(run_at("b"), "pixels");
  b.entry.scores.front() = score_at(10, "values");  // an earlier one, made in another way
  EXPECT_EQ(json_of(std::vector{a, b}, false)["unlike"], json::array());

  const json unlike = json_of(std::vector{a, with_scores(run_at("b"), "values")}, false)["unlike"];
  EXPECT_EQ(unlike,
            json({{{"name", "quality.fid"},
                   {"of", "last"},
                   {"lines", {"quality.fid of b is not comparable with that of a: features: pixels, values"}}}}));
}

TEST(PageData, ComparesScoresThatWereAskedForLaterWithOneAnother) {
  const PageRun a = with_scores(run_at("a"), "pixels"), b = with_scores(run_at("b"), "pixels");
  EXPECT_EQ(json_of(std::vector{with_later(a, 20, "values"), with_later(b, 20, "values")}, false)["unlike"],
            json::array())
      << "evaluated again, all in one way";

  const auto parts_of = [](const std::vector<PageRun>& runs) {
    std::vector<std::string> parts;
    const json data = json_of(runs, false);
    for (const json& unlike : data["unlike"]) parts.push_back(unlike["of"]);
    return parts;
  };
  EXPECT_THAT(parts_of({with_later(a, 20, "values"), b}), ElementsAre("last"));
  EXPECT_THAT(parts_of({with_later(a, 20, "values"), with_later(with_scores(run_at("b"), "values"), 20, "values")}),
              ElementsAre("training"));
  EXPECT_THAT(parts_of({with_later(a, 10, "values"), with_later(b, 10, "pixels")}), ElementsAre("later"));
}

TEST(PageData, KnowsTheSecondsOfScores) {
  PageRun run = with_later(with_scores(with_records(run_at("a"), 100), "pixels"), 30, "pixels");
  run.entry.records.steps.clear();
  for (int64_t i = 0; i < 100; ++i) run.entry.records.steps.push_back(20 * i);  // a record each 20 steps, of 1 s each
  const json scores = json_of(std::vector{run}, false)["runs"][0]["scores"];
  EXPECT_EQ(scores[0]["points"][0][1], 1.5);
  EXPECT_EQ(scores[0]["points"][1][1], 3.0);
  EXPECT_EQ(scores[1]["points"][0][1], 1.5) << "between the records of steps 20 and 40";
}

TEST(PageData, PutsLaterEvaluationsBesideThoseOfTheTraining) {
  const PageRun run = with_later(
      with_later(with_later(with_scores(run_at("a"), "pixels"), 10, "pixels", 8), 30, "pixels", 7), 30, "pixels", 9);
  const json scores = json_of(std::vector{run}, false)["runs"][0]["scores"];
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_FALSE(scores[0]["later"]);
  EXPECT_TRUE(scores[1]["later"]);
  EXPECT_EQ(scores[1]["points"].size(), 2U);  // of two of one step, the last
  EXPECT_EQ(scores[1]["points"][0][2], 8);
  EXPECT_EQ(scores[1]["points"][1][2], 9);
}

TEST(PageData, ListsARunThatIsDamagedWithItsProblem) {
  PageRun damaged = run_at("d");
  damaged.entry.state = RunState::damaged;
  damaged.entry.problem = "d/run.h5: cannot open the run";
  const json run = json_of(std::vector{damaged, with_records(run_at("e"), 3)}, false)["runs"][0];
  EXPECT_EQ(run["state"], "damaged");
  EXPECT_EQ(run["problem"], "d/run.h5: cannot open the run");
  EXPECT_EQ(run["id"], "d");
}

TEST(PageData, FillsWhatIsLeftWithPictures) {
  const TemporaryFolder folder;
  PageRun run = run_at("a");
  for (int step = 1; step <= 9; ++step) {
    folder.write(fmt::format("samples/step-{:06}.png", step), "\x89PNG\r\n\x1a\n" + std::string(1000, 'x'));
  }
  run.pictures = find_pictures(folder.path());
  PageLimits limits;
  limits.most_picture_bytes = 5000;
  const json data = json_of(std::vector{run}, false, 0, limits)["runs"][0];
  ASSERT_EQ(data["pictures"].size(), 3U);
  EXPECT_EQ(data["pictures"][0]["step"], 1);
  EXPECT_EQ(data["pictures"][1]["step"], 5);
  EXPECT_EQ(data["pictures"][2]["step"], 9);
  EXPECT_EQ(data["pictures_left_out"], 6);
  EXPECT_THAT(data["pictures"][0]["source"].get<std::string>(),
              ::testing::StartsWith("data:image/png;base64,iVBORw0KGg"));
}

TEST(FindPictures, ReadsSampleAndStepFromTheNames) {
  const TemporaryFolder folder;
  for (const char* name : {"step-000300.png", "fixed-step-1-step-000020.png", "step-000000.png", "step-.png",
                           "notes.txt", "step-12x.png", "mystep-000001.png", ".duel-x.tmp"}) {
    folder.write(std::string("samples/") + name, "x");
  }
  std::vector<std::string> found;
  for (const PictureFile& picture : find_pictures(folder.path())) {
    found.push_back(fmt::format("{} {}", picture.sample, picture.step));
  }
  EXPECT_THAT(found, ElementsAre("fixed-step-1 20", "sample 0", "sample 300"));
  EXPECT_THAT(find_pictures(folder.path() / "none"), IsEmpty());
}

TEST(PictureUrl, OfWhatIsNoPngFileIsEmpty) {
  const TemporaryFolder folder;
  EXPECT_EQ(picture_url({folder.write("a.png", "<svg onload=alert(1)>"), "sample", 1, 21}), "");
  EXPECT_EQ(picture_url({folder.path() / "gone.png", "sample", 1, 21}), "");
}

TEST(ChoosePictures, TakesTheLastOfTheFirstSeriesWhereNotEvenOneOfEachFits) {
  const std::vector<std::vector<PictureFile>> series(3, {{"a", "s", 1, 300}, {"b", "s", 2, 300}});
  EXPECT_THAT(choose_pictures(series, 1000), ElementsAre(ElementsAre(1), ElementsAre(1), IsEmpty()));
  EXPECT_THAT(choose_pictures(series, 100000), ElementsAre(ElementsAre(0, 1), ElementsAre(0, 1), ElementsAre(0, 1)));
}

RunEntry with_experiment(const std::string& text) {
  RunEntry entry;
  entry.folder = "a";
  entry.state = RunState::complete;
  entry.records.experiment["resolved"] = text;
  return entry;
}

TEST(DrawNetworks, KnowsShapesAndWeights) {
  const auto drawn = draw_networks(
      with_experiment(
          "name: n\nnetworks: {g: {inputs: {z: [3]}, layers: [dense: 4, residual: {layers: [relu, dense: 4]}]}}"),
      filled_registry<register_plugins>());
  ASSERT_EQ(drawn.networks.size(), 1U);
  const DrawnNetwork& network = drawn.networks.front();
  EXPECT_EQ(network.problem, "");
  EXPECT_THAT(network.inputs, ElementsAre(std::pair<std::string, std::string>("z", "[3]")));
  ASSERT_GE(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[0], (DrawnLayer{"dense_1", "dense", "[4]", 16, 0}));
  EXPECT_EQ(network.layers[1].kind, "residual");
  EXPECT_EQ(network.layers[2].depth, 1);
}

TEST(DrawNetworks, ShowsLayersWithoutShapesWhereTheyDoNotFit) {
  const auto drawn = draw_networks(
      with_experiment("name: n\nnetworks: {g: {inputs: {z: [3]}, layers: [flatten, conv2d: {filters: 4, kernel: 3}]}}"),
      filled_registry<register_plugins>());
  ASSERT_EQ(drawn.networks.size(), 1U);
  EXPECT_THAT(drawn.networks[0].problem, HasSubstr("shapes are not known"));
  ASSERT_EQ(drawn.networks[0].layers.size(), 2U);
  EXPECT_EQ(drawn.networks[0].layers[1].kind, "conv2d");
  EXPECT_EQ(drawn.networks[0].layers[1].output, "");
}

TEST(DrawNetworks, SaysWhyThereAreNone) {
  EXPECT_THAT(draw_networks(with_experiment("name: [unclosed"), filled_registry<register_plugins>()).problem,
              HasSubstr("the networks are not known"));
  RunEntry without;
  without.state = RunState::stopped;
  EXPECT_THAT(draw_networks(without, filled_registry<register_plugins>()).problem,
              HasSubstr("does not hold its experiment"));
}

}  // namespace
}  // namespace duel
