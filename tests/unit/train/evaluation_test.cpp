// Evaluations in training: what they compute, that they change nothing, and what training does about their metrics.
#include "train/evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "spec/read.hpp"
#include "tests/support/refusal.hpp"
#include "tests/unit/train/plugin_registry.hpp"
#include "train/watch.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

// The fakes are points of the training's own distribution, shifted by `shift`.
std::shared_ptr<const Experiment> evaluated_experiment(const std::string& shift, const std::string& more = "",
                                                       const std::string& train = "{steps: 4}") {
  const std::string yaml = fmt::format(
      "seed: 5\n"
      "data: {{train: {{gaussian: {{mean: 0, deviation: 1}}}}, batch: 32}}\n"
      "networks: {{g: {{inputs: {{z: [2]}}, layers: [dense: 2]}}}}\n"
      "values: {{fake: 'normal(2) + {}', y: g(data.point)}}\n"
      "players: {{one: {{updates: g, optimizer: {{sgd: {{lr: 0.1}}}}, loss: {{expression: square(y - 1)}}}}}}\n"
      "train: {}\n"
      "evaluate: {{real: data.test.point, fake: fake, count: 2000, metrics: [fid, prdc]}}\n{}",
      shift, train, more);
  Problems problems;
  auto out =
      std::make_shared<Experiment>(read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems));
  problems.throw_if_any();
  return out;
}

std::vector<EvaluationRecord> records_of(const std::shared_ptr<const Experiment>& experiment, int threads = 1) {
  Session session(experiment, {threads, std::nullopt});
  return Evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr).run();
}

// For equal covariances FID is the squared distance of the means; here 2 · shift².
TEST(Evaluation, MeasuresTheDistanceOfItsExpressions) {
  const auto same = records_of(evaluated_experiment("0"));
  ASSERT_EQ(same.size(), 5u);
  EXPECT_EQ(same[0].metric, "fid");
  EXPECT_LT(same[0].value, 0.02);
  EXPECT_NEAR(records_of(evaluated_experiment("3"))[0].value, 18, 1);
}

TEST(Evaluation, TellsItsProtocolAndFloor) {
  const auto records = records_of(evaluated_experiment("3"));
  EXPECT_EQ(records[0].protocol.features, "values");
  EXPECT_EQ(records[0].protocol.split, "test");
  EXPECT_EQ(records[0].n_fake, 2000);
  ASSERT_TRUE(records[0].floor.has_value());
  EXPECT_LT(records[0].floor->value, 0.05);
  EXPECT_EQ(records[0].floor->n, 1000);
}

TEST(Evaluation, GivesTheSameRecordsAgainAndOnAnyNumberOfThreads) {
  const auto experiment = evaluated_experiment("0.5");
  Session session(experiment, {1, std::nullopt});
  Evaluation evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr);
  const auto first = evaluation.run(), again = evaluation.run(), threads = records_of(experiment, 3);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(record_json_text(first[i]), record_json_text(again[i]));
    EXPECT_EQ(record_json_text(first[i]), record_json_text(threads[i]));
  }
}

TEST(Evaluation, ChangesNothingOfTheTraining) {
  const auto experiment = evaluated_experiment("0");
  Session plain(experiment, {1, std::nullopt}), evaluated(experiment, {1, std::nullopt});
  Evaluation evaluation(evaluated, experiment->evaluations.front(), plugin_registry(), nullptr);
  for (int step = 0; step < 3; ++step) {
    plain.advance();
    evaluated.advance();
    evaluation.run();
  }
  EXPECT_TRUE(plain.save() == evaluated.save());
}

// An experiment of one evaluation alone, in which the network `g` is called in training without being trained.
std::shared_ptr<const Experiment> experiment_evaluating(const std::string& evaluate, const std::string& more = "") {
  const std::string yaml =
      "seed: 5\n"
      "data: {train: {digits: {count: 60}}, transform: [rescale: [-1, 1]], batch: 20}\n"
      "networks:\n"
      "  g: {inputs: {x: [28, 28, 1]}, layers: [flatten, batch_norm, dense: {units: 3, as: features}]}\n"
      "  h: {inputs: {x: [3]}, layers: [dense: 1]}\n"
      "values: {z: normal(2), y: h(g(data.image))}\n"
      "players: {one: {updates: h, optimizer: {sgd: {lr: 0.1}}, loss: {expression: square(y - 1)}}}\n"
      "train: {steps: 4}\n"
      "evaluate: " +
      evaluate + "\n" + more;
  Problems problems;
  auto out =
      std::make_shared<Experiment>(read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems));
  problems.throw_if_any();
  return out;
}

// Running statistics of a network move without a player that updates it: features of the reals move with them.
TEST(Evaluation, MakesNewFeaturesWhereTheNetworkHasChanged) {
  const auto experiment = experiment_evaluating(
      "{real: data.image, fake: 'data.image * 0.5', count: 40, features: {network: g, at: features}, metrics: fid}");
  Session session(experiment, {1, std::nullopt});
  Evaluation evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr);
  const double before = evaluation.run()[0].value;
  session.advance();
  const double after = evaluation.run()[0].value;
  EXPECT_NE(before, after);
  EXPECT_EQ(after, Evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr).run()[0].value);
}

TEST(Evaluation, DrawsTheNoiseOfEachSideApartAndThatOfValuesOnce) {
  const auto apart = records_of(experiment_evaluating("{real: normal(2), fake: normal(2), count: 400, metrics: fid}"));
  EXPECT_THAT(apart[0].warnings, testing::IsEmpty());
  EXPECT_GT(apart[0].value, 0);
  const auto same = records_of(experiment_evaluating("{real: z, fake: z, count: 400, metrics: fid}"));
  EXPECT_THAT(same[0].warnings, testing::Contains("400 of the 400 fakes equal a real example"));
}

// A training that draws all that it needs may be compared with data.
TEST(Evaluation, ReadsDataThatIsThereForTestingAlone) {
  const std::string yaml =
      "data: {test: {gaussian: {mean: 0, deviation: 1}}, batch: 8}\n"
      "networks: {g: {inputs: {z: [2]}, layers: [dense: 2]}}\n"
      "values: {fake: g(normal(2))}\n"
      "players: {one: {updates: g, optimizer: {sgd: {lr: 0.1}}, loss: {expression: square(fake - 1)}}}\n"
      "train: {steps: 2}\n"
      "evaluate: {real: data.test.point, fake: normal(2), count: 2000, metrics: fid}\n";
  Problems problems;
  auto experiment =
      std::make_shared<Experiment>(read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems));
  problems.throw_if_any();
  Session session(experiment, {1, std::nullopt});
  session.advance();
  const auto records = Evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr).run();
  EXPECT_EQ(records[0].protocol.split, "test");
  EXPECT_LT(records[0].value, 0.02);
}

// In single precision the shift would be lost.
TEST(Evaluation, KeepsDoublePrecision) {
  const std::string evaluate = "{real: z + 1000, fake: 'z + 1000 + 0.00001', count: 100, metrics: fid}";
  const auto records = records_of(experiment_evaluating(evaluate, "engine: {precision: float64}"));
  EXPECT_NEAR(records[0].value, 2e-10, 1e-11);
}

TEST(Evaluation, PassesOnNoValueThatIsNoNumber) {
  const auto experiment = experiment_evaluating("{real: normal(2), fake: log(z - z), count: 40, metrics: fid}");
  EXPECT_EQ(refusal_of([&] { records_of(experiment); }, ExitCode::diverged),
            "evaluate: 'log(z - z)' gives values that are no numbers");
}

TEST(Evaluation, RefusesWhatItsMetricsCannotUse) {
  EXPECT_EQ(
      refusal_of([] { records_of(evaluated_experiment("0", "", "{steps: 4}\nsample: {value: data.test.point}")); }),
      "accepted");
  const auto without_real = [](const std::string& evaluate) {
    auto experiment = std::make_shared<Experiment>(*evaluated_experiment("0"));
    Problems problems;
    const std::string yaml =
        "networks: {g: {inputs: {z: [2]}, layers: [dense: 2]}}\nvalues: {fake: normal(2)}\n" + evaluate;
    experiment->evaluations =
        read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems).evaluations;
    problems.throw_if_any();
    return refusal_of([&] { records_of(experiment); }, ExitCode::experiment);
  };
  EXPECT_THAT(without_real("evaluate: {fake: fake, metrics: [fid]}"),
              HasSubstr("fid compares with real examples, and none are given"));
  EXPECT_THAT(without_real("evaluate: {fake: fake, metrics: [ms_ssim]}"), HasSubstr("which are no images"));
  EXPECT_THAT(without_real("evaluate: {fake: fake, metrics: [accuracy]}"),
              HasSubstr("the classes of the fake side are not known"));
}

EvaluationRecord fid_of(double value) {
  EvaluationRecord record;
  record.metric = "fid";
  record.value = value;
  record.better = Better::lower;
  return record;
}

TEST(Watch, EndsWhereTheGoalIsReached) {
  Watch watch(*evaluated_experiment("0", "", "{steps: 4, until: {fid: 20, one.loss: {below: 0.5}}}"));
  watch.see(0, 1, std::vector{fid_of(21)});
  EXPECT_EQ(watch.end(), std::nullopt);
  watch.see(std::vector{0.6});
  EXPECT_EQ(watch.end(), std::nullopt);
  watch.see(0, 2, std::vector{fid_of(19.5)});
  EXPECT_EQ(watch.end(), "fid is 19.5, and until asks for at most 20");
  Watch other(*evaluated_experiment("0", "", "{steps: 4, until: {one.loss: {below: 0.5}}}"));
  other.see(std::vector{0.4});
  EXPECT_THAT(other.end().value_or(""), HasSubstr("one.loss is 0.4"));
}

TEST(Watch, EndsWhereNothingGetsBetterAndKeepsTheBest) {
  const auto experiment = evaluated_experiment("0", "checkpoint: {best: fid}",
                                               "{steps: 4, early_stop: {metric: fid, patience: 2, least: 1}}");
  Watch watch(*experiment);
  EXPECT_TRUE(watch.see(0, 10, std::vector{fid_of(30)}));
  EXPECT_TRUE(watch.see(0, 20, std::vector{fid_of(29.5)})) << "the best so far, though not by 1";
  CheckpointState state;
  watch.save(state);
  Watch resumed(*experiment);
  resumed.load(state, true);
  EXPECT_FALSE(resumed.see(0, 30, std::vector{fid_of(29.8)}));
  EXPECT_EQ(resumed.best_step(), 20);
  EXPECT_THAT(resumed.end().value_or(""), HasSubstr("fid has not bettered 30 in 2 evaluations"));
}

// Nothing is better than what is no number, or nothing else would ever be the best.
TEST(Watch, TakesNoNumberThatIsNone) {
  const auto experiment =
      evaluated_experiment("0", "checkpoint: {best: fid}", "{steps: 4, early_stop: {metric: fid, patience: 2}}");
  Watch watch(*experiment);
  EXPECT_FALSE(watch.see(0, 10, std::vector{fid_of(NAN)}));
  EXPECT_EQ(watch.best_step(), std::nullopt);
  CheckpointState state;
  watch.save(state);
  Watch resumed(*experiment), hopeless(*experiment);
  for (Watch* other : {&resumed, &hopeless}) other->load(state, true);
  EXPECT_TRUE(resumed.see(0, 20, std::vector{fid_of(30)}));
  EXPECT_EQ(resumed.best_step(), 20);
  EXPECT_EQ(resumed.end(), std::nullopt);
  EXPECT_FALSE(hopeless.see(0, 20, std::vector{fid_of(NAN)}));
  EXPECT_EQ(hopeless.end(), "fid has been no number in 2 evaluations");
}

// Overrides of a resumed run may name another metric: what was best of the old one says nothing of it.
TEST(Watch, BeginsAnewWithAnotherMetric) {
  const auto of = [](const std::string& metric) {
    return evaluated_experiment("0", "checkpoint: {best: " + metric + "}",
                                "{steps: 4, early_stop: {metric: " + metric + ", patience: 1}}");
  };
  Watch watch(*of("fid"));
  watch.see(0, 10, std::vector{fid_of(0.25)});
  CheckpointState state;
  watch.save(state);
  EvaluationRecord precision = fid_of(0.125);
  precision.metric = "precision";
  precision.better = Better::higher;
  Watch other(*of("precision"));
  other.load(state, false);
  EXPECT_EQ(other.best_step(), std::nullopt);
  EXPECT_TRUE(other.see(0, 20, std::vector{precision}));
  EXPECT_EQ(other.end(), std::nullopt);
  EXPECT_EQ(other.best_step(), 20);
}

TEST(Watch, RefusesMetricsThatAreNotThere) {
  const auto refusal = [](const std::string& train, const std::string& more = "") {
    return refusal_of([&] { Watch(*evaluated_experiment("0", more, train)); }, ExitCode::experiment);
  };
  EXPECT_THAT(refusal("{steps: 4, until: {fd: 20}}"), HasSubstr("no metric is called 'fd'; did you mean 'fid'?"));
  EXPECT_THAT(refusal("{steps: 4, until: {one.loss: 20}}"), HasSubstr("write {above: …} or {below: …}"));
  EXPECT_THAT(refusal("{steps: 4, early_stop: one.loss}"),
              HasSubstr("no metric of an evaluation is called 'one.loss'"));
  EXPECT_THAT(refusal("{steps: 4}", "checkpoint: {best: coverag}"), HasSubstr("did you mean 'coverage'?"));
}

}  // namespace
}  // namespace duel
