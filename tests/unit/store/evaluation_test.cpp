// Evaluations in run.h5 and in files of their own. Kills, full disks and resuming are tested with the rest of run.h5,
// in run_file_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "run_fixture.hpp"
#include "store/bounded_record.hpp"
#include "store/evaluation_file.hpp"
#include "store/series.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EvaluationsInARun : public ::testing::Test {
 protected:
  // A run of 100 steps, whose evaluations are of steps 40 and 80.
  void write_run() {
    RunFile file = RunFile::create(path_, small_layout());
    append_steps(file, small_layout(), 1, 100, 50);
  }

  const TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "run.h5";
};

TEST_F(EvaluationsInARun, AreSeenByReadersAtOnce) {
  RunFile file = RunFile::create(path_, small_layout());
  EXPECT_THAT(read_run(path_).evaluations.at("few").steps, IsEmpty());
  file.append_evaluation(1, 7, 1.5, std::vector{score_of(7, 0)});
  const RunRecords records = read_run(path_);
  EXPECT_THAT(records.evaluations.at("few").steps, ElementsAre(7));
  EXPECT_THAT(records.evaluations.at("few").seconds, ElementsAre(1.5));
  EXPECT_THAT(records.evaluations.at("few").metrics.at("fid"), ElementsAre(score_of(7, 0)));
  EXPECT_THAT(records.evaluations.at("while training").steps, IsEmpty());
}

TEST_F(EvaluationsInARun, HaveRisingStepsAndAScoreForEachMetric) {
  RunFile file = RunFile::create(path_, small_layout());
  file.append_evaluation(1, 7, 1.5, std::vector{score_of(7, 0)});
  EXPECT_THROW(file.append_evaluation(1, 7, 1.5, std::vector{score_of(7, 0)}), InternalError);
  EXPECT_THROW(file.append_evaluation(1, 8, 1.5, {}), InternalError);
  EXPECT_THROW(file.append_evaluation(2, 8, 1.5, std::vector{score_of(8, 0)}), InternalError);
}

TEST_F(EvaluationsInARun, HaveNamesThatTheFileCanHold) {
  const auto refusal = [&](const RunLayout::Evaluations& evaluation) {
    RunLayout layout = small_layout();
    layout.evaluations.push_back(evaluation);
    return refusal_of([&] { RunFile::create(path_, layout); }, ExitCode::experiment);
  };
  EXPECT_THAT(refusal({"a/b", {"fid"}}), HasSubstr("'a/b' cannot be the name of an evaluation"));
  EXPECT_THAT(refusal({"few", {"fid"}}), HasSubstr("the name 'few' of an evaluation is taken"));
  EXPECT_THAT(refusal({"more", {"floor"}}), HasSubstr("the name 'floor' of a metric is taken"));
  EXPECT_THAT(refusal({"more", {"fid", "fid"}}), HasSubstr("the name 'fid' of a metric is taken"));
}

TEST_F(EvaluationsInARun, StartEmptyWhenAResumedRunHasGainedThem) {
  write_run();
  RunLayout more = small_layout();
  more.evaluations.insert(more.evaluations.begin(), {"new", {"fid"}});
  {
    RunFile file = RunFile::resume(path_, more, 100);
    file.append_evaluation(0, 101, 9, std::vector{score_of(101, 0)});
  }
  const RunRecords records = read_run(path_);
  EXPECT_THAT(records.evaluations.at("new").steps, ElementsAre(101));
  EXPECT_THAT(records.evaluations.at("while training").steps, ElementsAre(40, 80));
  EXPECT_THAT(records.evaluations.at("few").metrics.at("fid"), ElementsAre(score_of(40, 0), score_of(80, 0)));
}

TEST_F(EvaluationsInARun, LackWhatAMetricThatIsNewWouldHaveGiven) {
  write_run();
  RunLayout more = small_layout();
  more.evaluations[1].metrics = {"prdc", "fid"};
  RunFile::resume(path_, more, 79);
  const RunRecords records = read_run(path_);
  const RunRecords::Evaluation& few = records.evaluations.at("few");
  EXPECT_THAT(few.steps, ElementsAre(40));
  EXPECT_TRUE(std::isnan(few.metrics.at("prdc").at(0).value));
  EXPECT_EQ(few.metrics.at("prdc").at(0).record, "");
  EXPECT_EQ(few.metrics.at("fid").at(0), score_of(40, 0));
}

// A resumed run may drop evaluations and metrics: what they gave stays.
TEST_F(EvaluationsInARun, AreKeptWhereAResumedRunHasLostThem) {
  write_run();
  const RunRecords before = read_run(path_);
  RunLayout fewer = small_layout();
  fewer.evaluations.pop_back();
  const std::string gone = fewer.evaluations[0].metrics.back();
  fewer.evaluations[0].metrics.pop_back();
  {
    RunFile file = RunFile::resume(path_, fewer, 100);
    EXPECT_THROW(file.append_evaluation(1, 101, 2, {}), InternalError);
    std::vector<StoredScore> scores;
    for (std::size_t i = 0; i < fewer.evaluations[0].metrics.size(); ++i) scores.push_back(score_of(101, i));
    file.append_evaluation(0, 101, 2, scores);
  }
  const RunRecords after = read_run(path_);
  EXPECT_EQ(after.evaluations.at("few").metrics, before.evaluations.at("few").metrics);
  EXPECT_EQ(after.evaluations.at("few").steps, before.evaluations.at("few").steps);
  const auto& old_scores = before.evaluations.at("while training").metrics.at(gone);
  const RunRecords::Evaluation& kept = after.evaluations.at("while training");
  EXPECT_THAT(kept.steps, ElementsAre(40, 80, 101));
  EXPECT_EQ(kept.metrics.at(gone).at(1), old_scores.at(1));
  EXPECT_TRUE(std::isnan(kept.metrics.at(gone).at(2).value));
  EXPECT_EQ(kept.metrics.at(gone).at(2).record, "");
}

// As duel wrote runs before it had evaluations.
TEST_F(EvaluationsInARun, AreNotExpectedOfOldRuns) {
  write_run();
  const hid_t file = H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  EXPECT_GE(H5Ldelete(file, "evaluations", H5P_DEFAULT), 0);
  H5Fclose(file);
  EXPECT_THAT(read_run(path_).evaluations, IsEmpty());
  EXPECT_EQ(read_run(path_).steps.size(), 100U);
  RunFile::resume(path_, small_layout(), 90);
  const RunRecords records = read_run(path_);
  EXPECT_EQ(records.steps.size(), 90U);
  EXPECT_THAT(records.evaluations.at("few").steps, IsEmpty());
}

TEST_F(EvaluationsInARun, HoldShortenedRecords) {
  RunLayout layout;
  layout.evaluations = {{"late", {"fid"}}};
  json record{{"metric", "fid"}, {"value", 2.5}, {"warnings", json::array()}};
  for (int i = 0; i < 100; ++i) record["warnings"].push_back(fmt::format("größe {} {}", i, std::string(80, 'x')));
  StoredScore score;
  score.record = record.dump();
  RunFile::create(path_, layout).append_evaluation(0, 1, 0, std::vector{score});
  const std::string kept = read_run(path_).evaluations.at("late").metrics.at("fid").at(0).record;
  EXPECT_EQ(kept, bounded_record(score.record, text_bytes - 1));
  EXPECT_EQ(json::parse(kept).at("value"), 2.5);
}

// ---- records of bounded size

std::string record_with(const std::vector<std::string>& warnings, const std::string& features = "values") {
  return json{{"metric", "fid"},
              {"value", 0.1},
              {"floor", nullptr},
              {"protocol", {{"features", features}}},
              {"warnings", warnings}}
      .dump();
}

TEST(BoundedRecord, IsTheSameWhereItFits) {
  const std::string record = record_with({"few", "fewer"});
  EXPECT_EQ(bounded_record(record, record.size()), record);
  EXPECT_EQ(bounded_record("no JSON, but short", 100), "no JSON, but short");
}

TEST(BoundedRecord, LosesItsLastWarningsFirst) {
  const std::string record = record_with({"first", std::string(200, 'x'), std::string(200, 'y')});
  const auto warnings_of = [&](std::size_t longest) {
    const std::string kept = bounded_record(record, longest);
    EXPECT_LE(kept.size(), longest);
    json parsed = json::parse(kept);
    EXPECT_EQ(parsed.at("protocol").at("features"), "values");
    EXPECT_EQ(parsed.at("value"), 0.1);
    return parsed.at("warnings").get<std::vector<std::string>>();
  };
  EXPECT_THAT(warnings_of(record.size() - 1),
              ElementsAre("first", std::string(200, 'x'), "1 more warning was left out, for want of space"));
  EXPECT_THAT(warnings_of(300), ElementsAre("first", "2 more warnings were left out, for want of space"));
  EXPECT_THAT(warnings_of(record_with({}).size() + 55),
              ElementsAre("3 more warnings were left out, for want of space"));
}

TEST(BoundedRecord, KeepsItsNumbersToTheLast) {
  const std::string kept = bounded_record(record_with({"few"}, std::string(5000, 'x')), 512);
  EXPECT_EQ(json::parse(kept), json::parse(R"({"metric": "fid", "value": 0.1, "floor": null,
    "warnings": ["the rest of the record was left out, for want of space"]})"));
}

TEST(BoundedRecord, IsMadeOfJsonAlone) { EXPECT_THROW(bounded_record(std::string(20, 'x'), 10), InternalError); }

// ---- files of their own

EvaluationFile late_evaluation() {
  EvaluationFile evaluation{"final", 300, "2026-11-27T12:00:00Z", {}};
  evaluation.scores["fid"] = {12.5, std::nullopt, 0.25, record_with({std::string(10000, 'x')})};
  evaluation.scores["kid"] = {-0.5, 0.125, std::nullopt, record_with({})};
  return evaluation;
}

TEST(EvaluationFile, ReadsBackWhole) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  write_evaluation(path, late_evaluation());
  EXPECT_EQ(read_evaluation(path), late_evaluation());
  write_evaluation(folder.path() / "b.h5", late_evaluation());
  EXPECT_EQ(read_file(folder.path() / "b.h5"), read_file(path)) << "equal contents are equal bytes";
}

TEST(EvaluationFile, IsWrittenWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  for (int64_t call = 1; call <= 4; ++call) {
    inject_fault({call, ENOSPC, false});
    EXPECT_THAT(refusal_of([&] { write_evaluation(path, late_evaluation()); }, ExitCode::storage),
                HasSubstr(folder.path().string()));
    inject_fault({});
    EXPECT_TRUE(fs::is_empty(folder.path())) << "call " << call;
  }
}

TEST(EvaluationFile, RefusesWhatIsNone) {
  const TemporaryFolder folder;
  const auto reading = [&](const fs::path& path) { return refusal_of([&] { read_evaluation(path); }); };
  EXPECT_THAT(reading(folder.path() / "absent.h5"), HasSubstr("absent.h5"));
  EXPECT_THAT(reading(folder.write("text.h5", "hello")), HasSubstr("text.h5: cannot open the file"));
  RunFile::create(folder.path() / "run.h5", small_layout());
  EXPECT_THAT(reading(folder.path() / "run.h5"), HasSubstr("run.h5: cannot open the file"));
  H5Fclose(H5Fcreate((folder.path() / "other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_THAT(reading(folder.path() / "other.h5"), HasSubstr("other.h5: is no file of an evaluation"));

  const fs::path path = folder.path() / "a.h5";
  write_evaluation(path, late_evaluation());
  hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  EXPECT_GE(H5Ldelete(file, "floor/kid", H5P_DEFAULT), 0);
  H5Fclose(file);
  EXPECT_THAT(reading(path), HasSubstr("a.h5: lacks a number of the metric 'kid'"));
  const hid_t newer = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t attribute = H5Aopen(newer, "file_format_version", H5P_DEFAULT);
  const int64_t version = 2;
  H5Awrite(attribute, H5T_NATIVE_INT64, &version);
  H5Aclose(attribute);
  H5Fclose(newer);
  EXPECT_THAT(reading(path), HasSubstr("format 2; this program knows formats up to 1"));
}

TEST(EvaluationFile, ReplacesNothing) {
  const TemporaryFolder folder;
  const fs::path path = evaluation_path(folder.path(), "final", 300);
  EXPECT_EQ(path, folder.path() / "final-step-000300.h5");
  const auto write = [&] { return write_evaluation(path, late_evaluation()).filename().string(); };
  folder.write("final-step-000300-2.h5", "another's");
  EXPECT_EQ(write(), "final-step-000300.h5");
  EXPECT_EQ(write(), "final-step-000300-3.h5");
  EXPECT_EQ(read_text(folder.path() / "final-step-000300-2.h5"), "another's");
}

}  // namespace
}  // namespace duel
